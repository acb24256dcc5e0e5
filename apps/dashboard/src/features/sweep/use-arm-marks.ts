import { armsOf, type Sweep } from "@reprise/contracts";
import { useMemo } from "react";
import { armMarks } from "../../shared/marks/arm-marks.js";

/** Colours of the study's arms; the same list for as long as its spec is the same, so that drawings need not be made anew. */
export const useArmMarks = (sweep: Sweep) => useMemo(() => armMarks(armsOf(sweep.spec)), [sweep.spec]);
