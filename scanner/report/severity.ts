/** Verdicts in rising order; a file gets the highest of its findings. `incomplete` stands apart: it was not read to its end. */
export type Verdict = 'clean' | 'suspicious' | 'malformed' | 'dangerous' | 'incomplete';

/** How much one finding weighs. `note` explains and never changes the verdict. */
export type Severity = 'note' | 'suspicious' | 'malformed' | 'dangerous' | 'incomplete';
