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
#MORE

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
