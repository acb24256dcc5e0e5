# Makes clinical.json: figures of R packages that the statistics of patients, readers and calibration are held against.
#
#   Rscript clinical.R > clinical.json
#
# Values are drawn with R's default generator under a fixed seed. Packages: see "versions" in the file.

suppressPackageStartupMessages({
  library(jsonlite)
  library(pROC)
  library(sandwich)
})

cases <- list()
add <- function(test, input, expected, source, options = list(), rtol = 1e-8) {
  id <- sprintf("c-%s-%02d", test, 1 + sum(vapply(cases, function(one) one$test == test, TRUE)))
  if (length(options) == 0) options <- setNames(list(), character(0))
  cases[[length(cases) + 1]] <<- list(
    id = id, test = test, input = input, options = options, expected = expected, source = source, rtol = rtol
  )
}

# Cases of patients: a tendency of the patient, then noise of the case.
draw <- function(patients, most, spread) {
  sizes <- sample(1:most, patients, replace = TRUE)
  cluster <- rep(seq_len(patients), sizes)
  tendency <- rnorm(patients, 0, spread)[cluster]
  list(cluster = cluster, tendency = tendency, n = length(cluster))
}

set.seed(1)

# --- Proportions: the variance over clusters is that of a mean with a cluster-robust error, sandwich::vcovCL.
wilson <- function(p, n, t) {
  middle <- (p + t^2 / (2 * n)) / (1 + t^2 / n)
  half <- t * sqrt(p * (1 - p) / n + t^2 / (4 * n^2)) / (1 + t^2 / n)
  c(middle - half, middle + half)
}
for (k in 1:3) {
  d <- draw(c(12, 30, 80)[k], c(6, 4, 8)[k], 1.5)
  right <- as.integer(d$tendency + rnorm(d$n) > -1)
  fit <- lm(right ~ 1)
  se <- sqrt(vcovCL(fit, cluster = d$cluster, type = "HC0", cadjust = TRUE)[1, 1])
  p <- mean(right)
  deff <- se^2 / (p * (1 - p) / d$n)
  stopifnot(deff > 1)
  clusters <- max(d$cluster)
  ends <- wilson(p, d$n / deff, qt(0.975, clusters - 1))
  add(
    "clustered_proportion",
    list(values = right, clusters = d$cluster),
    list(
      estimate = p, standardError = se, designEffect = deff, effectiveCases = d$n / deff,
      low = ends[1], high = ends[2], clusters = clusters
    ),
    "sandwich vcovCL (HC0, cluster adjustment) of a mean; Wilson's interval at n / design effect"
  )
}

# --- Two models on the same cases: all 2^K changes of signs are enumerated.
for (k in 1:2) {
  d <- draw(c(10, 14)[k], 4, 1)
  a <- as.integer(d$tendency + rnorm(d$n) > -0.7)
  b <- as.integer(d$tendency + rnorm(d$n) > 0)
  change <- tapply(a - b, d$cluster, sum)
  signs <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(change))))
  sums <- abs(signs %*% change)
  fit <- lm(I(a - b) ~ 1)
  se <- sqrt(vcovCL(fit, cluster = d$cluster, type = "HC0", cadjust = TRUE)[1, 1])
  t <- mean(a - b) / se
  df <- length(change) - 1
  add(
    "clustered_mcnemar",
    list(rightA = a, rightB = b, clusters = d$cluster),
    list(
      onlyA = sum(a > b), onlyB = sum(b > a), difference = mean(a - b), t = t, pvalue = 2 * pt(-abs(t), df),
      interval = mean(a - b) + c(-1, 1) * qt(0.975, df) * se, exactP = mean(sums >= abs(sum(change)))
    ),
    "all changes of signs enumerated; sandwich vcovCL of the mean difference"
  )
}

# --- Areas: placements of pROC, summed over clusters by the formulas of Obuchowski (1997).
placements <- function(labels, scores) pROC:::delongPlacements(roc(labels, scores, direction = "<", quiet = TRUE))
sums <- function(labels, cluster, scores) {
  v <- placements(labels, scores)
  levels <- sort(unique(cluster))
  of <- function(values, who) vapply(levels, function(k) sum(values[cluster[who] == k]), 0)
  list(theta = v$theta, x = of(v$X - v$theta, labels == 1), y = of(v$Y - v$theta, labels == 0))
}
covariance <- function(labels, cluster, a, b) {
  m <- sum(labels == 1)
  n <- sum(labels == 0)
  i10 <- length(unique(cluster[labels == 1]))
  i01 <- length(unique(cluster[labels == 0]))
  i <- length(unique(cluster))
  i10 / (i10 - 1) * sum(a$x * b$x) / m^2 + i01 / (i01 - 1) * sum(a$y * b$y) / n^2 +
    i / (i - 1) * (sum(a$x * b$y) + sum(a$y * b$x)) / (m * n)
}
for (k in 1:3) {
  d <- draw(c(20, 40, 60)[k], c(5, 3, 1)[k], 1)
  labels <- as.integer(d$tendency + rnorm(d$n) > 0.3)
  first <- labels + d$tendency + rnorm(d$n)
  second <- round(0.5 * labels + rnorm(d$n), 1)
  a <- sums(labels, d$cluster, first)
  b <- sums(labels, d$cluster, second)
  va <- covariance(labels, d$cluster, a, a)
  vb <- covariance(labels, d$cluster, b, b)
  vab <- covariance(labels, d$cluster, a, b)
  df <- min(length(unique(d$cluster[labels == 1])), length(unique(d$cluster[labels == 0]))) - 1
  half <- qt(0.975, df) * sqrt(va) / (a$theta * (1 - a$theta))
  t <- (a$theta - b$theta) / sqrt(va + vb - 2 * vab)
  if (k == 3) {
    # One case each: DeLong's variance and covariance.
    ra <- roc(labels, first, direction = "<", quiet = TRUE)
    rb <- roc(labels, second, direction = "<", quiet = TRUE)
    stopifnot(abs(var(ra) - va) < 1e-12, abs(cov(ra, rb) - vab) < 1e-12)
  }
  add(
    "clustered_auc",
    list(labels = labels, scoresA = first, scoresB = second, clusters = d$cluster),
    list(
      aucA = a$theta, aucB = b$theta, varA = va, varB = vb, cov = vab, df = df, t = t,
      ciA = plogis(qlogis(a$theta) + c(-1, 1) * half), pvalue = 2 * pt(-abs(t), df)
    ),
    if (k == 3) "pROC var and cov (DeLong)" else "pROC placements, summed over clusters by Obuchowski (1997)"
  )
}

# --- Readers: Obuchowski and Rockette's analysis by MRMCaov, of its data set VanDyke (114 cases, 5 readers, 2 modalities).
suppressPackageStartupMessages(library(MRMCaov))
data(VanDyke, package = "MRMCaov")
vd <- VanDyke[order(VanDyke$treatment, VanDyke$reader, VanDyke$case), ]
part <- function(t) lapply(split(vd[vd$treatment == levels(factor(vd$treatment))[t], ], vd$reader[vd$treatment == levels(factor(vd$treatment))[t]]), function(x) x$rating)
truth <- vd$truth[vd$treatment == levels(factor(vd$treatment))[1] & vd$reader == vd$reader[1]]
est <- mrmc(empirical_auc(truth, rating), treatment, reader, case, data = VanDyke, cov = DeLong)
res <- summary(est)
difference <- res$test_diffs
add(
  "readers_auc",
  list(labels = as.integer(truth), scoresA = unname(part(1)), scoresB = unname(part(2))),
  list(
    difference = difference$Estimate[1], standardError = difference$StdErr[1], df = difference$df[1],
    t = difference$t[1], pvalue = difference$`p-value`[1], interval = unname(unlist(difference$CI[1, ]))
  ),
  "MRMCaov mrmc(cov = DeLong), data set VanDyke", options = list(design = "factorial")
)

# Readers of their own for each modality: the same areas with five readers nested in each, mean squares of aov and covariances of pROC.
curves <- lapply(1:2, function(t) lapply(part(t), function(scores) roc(truth, scores, direction = "<", quiet = TRUE)))
areas <- data.frame(
  theta = unlist(lapply(curves, function(own) vapply(own, function(one) as.numeric(auc(one)), 0))),
  test = factor(rep(1:2, each = 5)), reader = factor(1:10)
)
square <- anova(lm(theta ~ test, areas))["Residuals", "Mean Sq"]
cov2 <- mean(unlist(lapply(curves, function(own) combn(5, 2, function(p) cov(own[[p[1]]], own[[p[2]]])))))
cov3 <- mean(unlist(lapply(1:5, function(r) vapply(setdiff(1:5, r), function(s) cov(curves[[1]][[r]], curves[[2]][[s]]), 0))))
denominator <- square + max(0, 5 * (cov2 - cov3))
add(
  "readers_auc",
  list(labels = as.integer(truth), scoresA = unname(part(1)), scoresB = unname(part(2))),
  list(
    difference = difference$Estimate[1], standardError = sqrt(2 / 5 * denominator),
    df = denominator^2 / (square^2 / 8), covariances = list(cov2 = cov2, cov3 = cov3)
  ),
  "lm and pROC cov, data set VanDyke of MRMCaov; formula of Hillis (2014)", options = list(design = "nested")
)

# --- One-shot: iMRMC's unbiased variance of the same data.
if (exists("doIMRMC")) {
  frame <- rbind(
    data.frame(
      readerID = paste0("reader", vd$reader), caseID = paste0("case", vd$case),
      modalityID = paste0("test", vd$treatment), score = vd$rating
    ),
    data.frame(readerID = "truth", caseID = paste0("case", seq_along(truth)), modalityID = "truth", score = as.integer(truth))
  )
  ustat <- doIMRMC(frame)$Ustat
  for (row in seq_len(nrow(ustat))) {
    modality <- as.character(c(ustat$modalityA[row], ustat$modalityB[row]))
    both <- all(modality %in% c("test1", "test2"))
    input <- list(labels = as.integer(truth), scoresA = unname(part(as.integer(sub("test", "", modality[1])))))
    if (!both) input$scoresA <- unname(part(which(c("test1", "test2") %in% modality)))
    if (both) input$scoresB <- unname(part(as.integer(sub("test", "", modality[2]))))
    add(
      "readers_one_shot", input,
      list(
        estimate = if (both) ustat$AUCAminusAUCB[row] else ustat$AUCA[row],
        variance = if (both) ustat$varAUCAminusAUCB[row] else ustat$varAUCA[row]
      ),
      "iMRMC doIMRMC, data set VanDyke"
    )
  }
}

# --- Calibration: rms::val.prob and glm; errors over clusters by sandwich.
suppressPackageStartupMessages(library(rms))
for (k in 1:3) {
  d <- draw(c(60, 90, 150)[k], 4, 1)
  risk <- plogis(0.4 * k + 1.5 * d$tendency + rnorm(d$n))
  labels <- rbinom(d$n, 1, plogis(-0.2 + 0.7 * qlogis(risk)))
  logit <- qlogis(risk)
  large <- glm(labels ~ offset(logit), family = binomial, control = list(epsilon = 1e-14))
  both <- glm(labels ~ logit, family = binomial, control = list(epsilon = 1e-14))
  val <- val.prob(risk, labels, pl = FALSE)
  stopifnot(abs(val[["Slope"]] - coef(both)[[2]]) < 1e-6)
  grid <- c(0.2, 0.35, 0.5, 0.65, 0.8)
  knots <- quantile(logit, c(0.1, 0.5, 0.9))
  spline <- glm(labels ~ rcs(logit, knots), family = binomial, control = list(epsilon = 1e-14))
  curve <- predict(spline, data.frame(logit = qlogis(grid)), type = "response")
  grouped <- k > 1
  se <- function(fit, at) {
    v <- if (grouped) vcovCL(fit, cluster = d$cluster, type = "HC0", cadjust = TRUE) else vcov(fit)
    sqrt(v[at, at])
  }
  q <- if (grouped) qt(0.975, max(d$cluster) - 1) else qnorm(0.975)
  input <- list(labels = labels, scores = risk)
  if (grouped) input$clusters <- d$cluster
  add(
    "calibration", input,
    list(
      brier = val[["Brier"]], intercept = coef(large)[[1]], slope = coef(both)[[2]],
      interceptInterval = coef(large)[[1]] + c(-1, 1) * q * se(large, 1),
      slopeInterval = coef(both)[[2]] + c(-1, 1) * q * se(both, 2), curve = unname(curve)
    ),
    "rms val.prob and rcs, glm, sandwich vcovCL", options = list(grid = grid), rtol = 1e-6
  )
}

# --- Decision curves: dcurves.
suppressPackageStartupMessages(library(dcurves))
d <- draw(150, 1, 1)
risk <- plogis(d$tendency)
labels <- rbinom(d$n, 1, risk)
at <- c(0.05, 0.1, 0.2, 0.35, 0.5)
curve <- as.data.frame(dca(labels ~ risk, data.frame(labels, risk), thresholds = at)$dca)
of <- function(variable) curve$net_benefit[curve$variable == variable]
add(
  "net_benefit", list(labels = labels, scores = risk, thresholds = at),
  list(model = of("risk"), all = of("all")), "dcurves dca"
)

# --- Predictive values: the worked formulas of Mercaldo, Lau and Zhou (2007), by numerical derivatives of the logits.
numeric <- function(f, x, by = 1e-6) (f(x + by) - f(x - by)) / (2 * by)
for (k in 1:2) {
  se <- c(0.84, 0.61)[k]
  sp <- c(0.92, 0.77)[k]
  n <- c(85, 41)[k]
  m <- c(143, 66)[k]
  prevalence <- c(0.02, 0.3)[k]
  ppv <- function(a, b) qlogis(a * prevalence / (a * prevalence + (1 - b) * (1 - prevalence)))
  npv <- function(a, b) qlogis(b * (1 - prevalence) / (b * (1 - prevalence) + (1 - a) * prevalence))
  error <- function(f) sqrt(
    numeric(function(x) f(x, sp), se)^2 * se * (1 - se) / n + numeric(function(x) f(se, x), sp)^2 * sp * (1 - sp) / m
  )
  ends <- function(f) plogis(f(se, sp) + c(-1, 1) * qnorm(0.975) * error(f))
  add(
    "predictive_values",
    list(sensitivity = list(estimate = se, cases = n), specificity = list(estimate = sp, cases = m), prevalence = prevalence),
    list(ppv = plogis(ppv(se, sp)), npv = plogis(npv(se, sp)), ppvInterval = ends(ppv), npvInterval = ends(npv)),
    "delta method on the logits by numerical derivatives", rtol = 1e-6
  )
}

# --- Variance between runs: R's var over runs and over cases, and all pairs of runs.
for (k in 1:2) {
  d <- draw(40, 3, 1)
  runs <- c(6, 12)[k]
  shift <- rnorm(runs, 0, c(0.3, 0)[k])
  right <- t(vapply(shift, function(s) as.integer(d$tendency + s + rnorm(d$n) > -0.8), integer(d$n)))
  observed <- var(rowMeans(right))
  of_cases <- sum(apply(right, 2, var)) / d$n^2
  of_clusters <- sum(vapply(seq_len(max(d$cluster)), function(c) var(rowSums(right[, d$cluster == c, drop = FALSE])), 0)) / d$n^2
  chi <- function(test_set) (runs - 1) * observed / qchisq(c(0.975, 0.025), runs - 1) - test_set
  rows <- lapply(seq_len(runs), function(r) right[r, ])
  add(
    "model_variance", list(right = rows),
    list(observed = observed, testSet = of_cases, model = observed - of_cases, interval = chi(of_cases)),
    "var of R, over runs and over cases"
  )
  add(
    "model_variance", list(right = rows, clusters = d$cluster),
    list(testSet = of_clusters, model = observed - of_clusters, interval = chi(of_clusters)),
    "var of R, over runs and over sums of clusters"
  )
  pairs <- combn(runs, 2)
  labels <- rep(1L, d$n)
  add(
    "disagreement_and_error", list(decided = rows, labels = labels),
    list(
      disagreement = mean(apply(pairs, 2, function(p) mean(right[p[1], ] != right[p[2], ]))),
      error = mean(right != 1)
    ),
    "all pairs of runs"
  )
}

versions <- c(R.version.string, vapply(
  intersect(c("pROC", "sandwich", "rms", "dcurves", "MRMCaov", "cvAUC"), loadedNamespaces()),
  function(name) paste(name, packageVersion(name)), ""
))
meta <- list(
  set = unbox("clinical"), versions = unname(versions), made = unbox("by clinical.R beside this file"),
  encoding = unbox("rtol relative"), count = unbox(length(cases))
)
scalars <- function(x) if (is.list(x)) lapply(x, scalars) else if (length(x) == 1) unbox(x) else x
cat(toJSON(list(`_meta` = meta, cases = lapply(cases, scalars)), digits = NA, pretty = FALSE), "\n")
