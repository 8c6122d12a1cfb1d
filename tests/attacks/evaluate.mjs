// Reads policies, a JSON object by name, and writes what Google's evaluator finds in each of them.

import { readFileSync } from "node:fs";
import csp from "csp_evaluator/dist/csp.js";
import evaluator from "csp_evaluator/dist/evaluator.js";
import finding from "csp_evaluator/dist/finding.js";
import parser from "csp_evaluator/dist/parser.js";

const CHECKS = [...evaluator.DEFAULT_CHECKS, ...evaluator.STRICTCSP_CHECKS];
const policies = JSON.parse(readFileSync(0, "utf8"));
const found = Object.entries(policies).map(([name, policy]) => {
  const parsed = new parser.CspParser(policy).csp;
  const findings = new evaluator.CspEvaluator(parsed, csp.Version.CSP3).evaluate(CHECKS);
  return [name, findings.map(({ severity, type }) => [finding.Severity[severity], finding.Type[type]])];
});
process.stdout.write(JSON.stringify(Object.fromEntries(found)));
