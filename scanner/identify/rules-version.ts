/**
 * Date of the rules by which files are identified, and their number on that day. Raise it with every change that gives a
 * file another type, base model or certainty: what was identified by older rules can then be found and shown again.
 */
export const IDENTIFICATION_RULES = '2026-12-01.4';
