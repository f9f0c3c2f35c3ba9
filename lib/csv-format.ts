/** What spreadsheets ask of CSV: a byte order mark, lines that end as theirs do, and an apostrophe before every formula. */
export const CSV_FORMAT = { bom: true, escape_formulas: true, record_delimiter: 'windows' } as const;
