# Figures for sequential tests from another program: R with mvtnorm (Genz & Bretz). Rscript sequential.R > sequential.json
library(mvtnorm)
set.seed(20261129)

spent <- function(name, t, alpha) if (name == "pocock") alpha * log(1 + (exp(1) - 1) * t) else 2 * (1 - pnorm(qnorm(1 - alpha / 2) / sqrt(t)))

# Probability that no |Z| (or Z) has crossed; Z at information t has correlation sqrt(s / t).
stays <- function(t, z, sides) {
  k <- length(z)
  r <- outer(t, t, function(a, b) sqrt(pmin(a, b) / pmax(a, b)))
  if (k == 1) return(if (sides == 2) 1 - 2 * pnorm(-z) else pnorm(z))
  low <- if (sides == 2) -z else rep(-Inf, k)
  as.numeric(pmvnorm(low, z, corr = r, algorithm = Miwa(steps = 1024)))
}

bounds <- function(t, name, alpha, sides) {
  z <- c()
  for (k in seq_along(t)) {
    target <- 1 - sides * spent(name, t[k], alpha / sides)
    z[k] <- uniroot(function(b) stays(t[1:k], c(z[seq_len(k - 1)], b), sides) - target, c(if (sides == 2) 0.01 else -3, 8), tol = 1e-10)$root
  }
  z
}

# The mixture itself: normal likelihoods averaged over the SD (dσ/σ) and over the normal prior of the effect size, on a grid.
evalue <- function(x, mu, g, side = "both") {
  n <- length(x); y <- x - mu
  sigma <- exp(seq(log(sd(y)) - 6, log(sd(y)) + 6, length.out = 3001))
  like <- function(d) sum(exp(-n * log(sigma) - (sum(y^2) - 2 * d * sigma * sum(y) + n * d^2 * sigma^2) / (2 * sigma^2)))
  delta <- seq(0, 8 * sqrt(g), length.out = 1601); w <- dnorm(delta, 0, sqrt(g)) * (delta[2] - delta[1])
  w[1] <- w[1] / 2
  above <- sum(w * sapply(delta, like)); below <- if (side == "both") sum(w * sapply(-delta, like)) else 0
  (if (side == "both") above + below else 2 * above) / like(0)
}

# Whether bounds of t hold 5 % for normal data: simulated.
crossed <- function(looks, bound, sides, studies = 400000) {
  n <- max(looks); x <- matrix(rnorm(studies * n), studies)
  hit <- rep(FALSE, studies)
  for (k in seq_along(looks)) {
    m <- looks[k]; y <- x[, 1:m]; centre <- rowMeans(y)
    t <- centre / sqrt(rowSums((y - centre)^2) / (m - 1) / m)
    hit <- hit | (if (sides == 2) abs(t) else t) >= bound[k]
  }
  mean(hit)
}

num <- function(v) paste0("[", paste(sprintf("%.10g", v), collapse = ", "), "]")
five <- 1:5 / 5; uneven <- c(0.25, 0.4, 0.5, 1)
z <- list(); add <- function(t, name, alpha, sides) z[[length(z) + 1]] <<- sprintf('    { "fractions": %s, "spending": "%s", "alpha": %g, "sides": %d, "bounds": %s }', num(t), name, alpha, sides, num(bounds(t, name, alpha, sides)))
add(five[1:4] / 0.8, "obrien-fleming", 0.05, 2); add(uneven, "obrien-fleming", 0.05, 2); add(uneven, "obrien-fleming", 0.05, 1)
add(uneven, "pocock", 0.05, 2); add(uneven, "pocock", 0.1, 1); add(c(0.5, 1), "pocock", 0.01, 2)
samples <- list(c(1.2, 0.7, 1.9, 0.4, 1.1, 1.6, 0.9), c(0.3, -0.2, 0.5, 0.1), c(2.1, 1.8, 2.4, 2.2, 1.9, 2.6, 2.0, 2.3, 1.7, 2.5))
e <- list(); for (x in samples) for (g in c(1, 4)) e[[length(e) + 1]] <- sprintf('    { "x": %s, "mu": 0, "effectVariance": %g, "eValue": %.10g, "oneSided": %.10g }', num(x), g, evalue(x, 0, g), evalue(x, 0, g, "above"))
args <- list(list(c(5, 10, 20), c(25.1361, 4.01746, 2.11044), 2), list(c(5, 10, 20), c(3.87723, 2.95583, 2.45211), 2))
s <- sapply(args, function(a) sprintf('    { "looks": %s, "bounds": %s, "sides": %d, "studies": 400000, "crossed": %.5f }', num(a[[1]]), num(a[[2]]), a[[3]], crossed(a[[1]], a[[2]], a[[3]])))
cat(sprintf('{\n  "software": "%s, mvtnorm %s",\n  "z": [\n%s\n  ],\n  "eValues": [\n%s\n  ],\n  "t": [\n%s\n  ]\n}\n',
  R.version.string, packageVersion("mvtnorm"), paste(z, collapse = ",\n"), paste(e, collapse = ",\n"), paste(s, collapse = ",\n")))
