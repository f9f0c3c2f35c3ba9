export { BoundedFindings, boundFindings } from './bounded-findings.ts';
export { type ReportedFile, reportJson } from './json.ts';
export { RULES, RULES_VERSION, type Rule, type RuleId } from './rules.ts';
export { reportSarif } from './sarif.ts';
export { formatReportText, type TextOptions } from './text.ts';
export type * from './types.ts';
export { exitCode, type FailOn, verdictOf } from './verdict.ts';
