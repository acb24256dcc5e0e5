# Writes exchangeability.data.json: brute force with NumPy over all relabelings, and scipy.stats.permutation_test.
# python exchangeability-reference.py exchangeability.data.json
import sys
import json, itertools, numpy as np, scipy
from scipy import stats
def paulson(f,a,b):
    if np.isinf(f): return np.inf
    r=np.cbrt(f); u=2/(9*a); v=2/(9*b)
    return ((1-v)*r-(1-u))/np.sqrt(v*r*r+u)
def stat(study):
    S=len(study); d=[b[0]-np.mean(b[1:]) for b in study]
    n=[len(b)-1 for b in study]
    df=sum(n)-S
    s2=sum(np.var(b[1:],ddof=1)*(len(b)-2) for b in study)/df
    z=[]
    fs=np.mean(d)**2/(s2*sum(1+1/k for k in n)/S**2)
    z.append(paulson(fs,1,df))
    if S>1:
        z.append(paulson(np.mean([x*x/(1+1/k) for x,k in zip(d,n)])/s2,S,df))
        for b,x,k in zip(study,d,n):
            v=np.var(b[1:],ddof=1)
            f = (x*x/(1+1/k))/v if v>1e-28 else (np.inf if abs(x)>1e-14 else 0)
            z.append(paulson(f,1,k-1))
    return z
def orders(b):
    return [[b[i]]+b[:i]+b[i+1:] for i in range(len(b))]
def family(study, include):
    obs=np.array(stat(study))
    allz=np.array([stat(list(c)) for c in itertools.product(*[orders(b) for b in study])])
    tol=np.where(np.isfinite(obs),1e-9*np.maximum(1,np.abs(np.where(np.isfinite(obs),obs,0))),0)
    raw=[(allz[:,j]>=obs[j]-tol[j]).mean() for j in range(len(obs))]
    idx=sorted(include,key=lambda j:-obs[j]); adj={}; run=0
    for i,j in enumerate(idx):
        rest=idx[i:]
        run=max(run,(allz[:,rest].max(axis=1)>=obs[j]-tol[j]).mean()); adj[j]=run
    return raw, [adj.get(j) for j in range(len(obs))]
rng=np.random.default_rng(20260101)
cases=[]
def add(name,study,include,**kw):
    raw,adj=family(study,include)
    cases.append(dict(name=name,blocks=[dict(treated=b[0],reference=b[1:]) for b in study],p=raw,adjustedP=adj,**kw))
r=lambda *a:[round(float(x),6) for x in rng.normal(*a)]
one=[0.9]+[0.93,0.941,0.937,0.925,0.949]

def scipy_p(study,j):
    res=stats.permutation_test(tuple(np.array(b) for b in study),lambda *bs:stat([list(b) for b in bs])[j],permutation_type='pairings',alternative='greater',n_resamples=np.inf,vectorized=False)
    return float(res.pvalue)
add('one seed of five repeats',[one],[],scipyP=[scipy_p([one],0)])
seed24=[2.9]+r(0,1,39)
add('one seed of 39 repeats',[seed24],[0])
three=[[2.1+3]+r(3,1,3),[1.9]+r(0,1,3),[2.0-5]+r(-5,1,3)]
add('three seeds of three repeats',three,[0,1],scipyP=[scipy_p(three,0),scipy_p(three,1)])
add('three seeds, equal n, a shift',[[2.1+3]+r(3,1,4),[1.9]+r(0,1,4),[2.0-5]+r(-5,1,4)],[0,1])
add('four seeds, unequal n and spread',[[1.0]+r(0,1,3),[10.5]+r(10,.1,5),[-3]+r(0,2,2),[0.2]+r(0,1,4)],[0,1])
add('ties and a constant seed',[[0.96,0.95,0.955,0.955,0.95],[0.9]+[0.91]*4,[0.97,0.965,0.97,0.96]],[0,1])
add('opposite shifts',[[6]+r(0,1,4),[-6]+r(0,1,4),[0.1]+r(0,1,5)],[0,1])
json.dump(dict(source="An independent program: brute force over all relabelings with NumPy %s; scipyP are of scipy.stats.permutation_test, SciPy %s (permutation_type='pairings' within every seed, exhaustive, alternative='greater')."%(np.__version__,scipy.__version__),cases=cases),open(sys.argv[1],'w'),indent=1)
