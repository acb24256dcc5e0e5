import type { ClassificationWork } from "./classification/prepare.js";
import type { ContrastiveWork } from "./contrastive/prepare.js";
import type { EvaluationWork } from "./evaluation/prepare.js";

/** What the compute threads of a run get, by task. */
export type Work = ClassificationWork | ContrastiveWork | EvaluationWork;
