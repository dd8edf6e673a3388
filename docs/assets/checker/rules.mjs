// All rules: name -> { least, most: number of premises, run(step) }.
import { ANALYSIS } from "./rules-analysis.mjs";
import { LOGIC } from "./rules-logic.mjs";
import { SUMS } from "./rules-sums.mjs";

export const RULES = new Map(Object.entries({ ...LOGIC, ...SUMS, ...ANALYSIS }));
