export { BoundedFindings, boundFindings } from './bounded-findings.ts';
export { type ReportedFile, reportJson } from './json.ts';
export { FORMAT_NAMES, type Format, LOADER_NAMES, type LoaderId, type Reading } from './loaders.ts';
export { locationOf } from './locations.ts';
export { RULES, RULES_VERSION, type Rule, type RuleId } from './rules.ts';
export { reportSarif } from './sarif.ts';
export { formatReportText, type TextOptions } from './text.ts';
export type * from './types.ts';
export { exitCode, type FailOn, findWorst, VERDICTS, verdictOf } from './verdict.ts';
