import { parseAsArrayOf, parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs';

/** The spans of time to choose from; `custom` stands for dates. */
export const TIMES = [
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
  { value: 'custom', label: 'Custom dates' },
] as const;

/** The filter as the URL spells it; `parseAuditFilter` of lib/admin reads the same names on the server. */
export const AUDIT_STATE = {
  person: parseAsString,
  action: parseAsArrayOf(parseAsString).withDefault([]),
  model: parseAsInteger,
  time: parseAsStringLiteral(TIMES.map(({ value }) => value)),
  from: parseAsString,
  until: parseAsString,
  older: parseAsString,
  newer: parseAsString,
};

/** Which entries are wanted, without the place in their list. */
export interface AuditFilterState {
  person: string | null;
  action: string[] | null;
  model: number | null;
  time: (typeof TIMES)[number]['value'] | null;
  from: string | null;
  until: string | null;
}

export const NO_FILTER: AuditFilterState = {
  person: null,
  action: null,
  model: null,
  time: null,
  from: null,
  until: null,
};

/** The address of the log with a filter. */
export function auditPath(filter: { person: string } | { model: number }): string {
  const [[name, value] = ['', '']] = Object.entries(filter);
  return `/admin/audit?${new URLSearchParams({ [name]: String(value) })}`;
}

/** The address of an export of what is filtered. */
export function exportPath(format: 'csv' | 'jsonl', filter: AuditFilterState): string {
  const params = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(filter))
    if (value !== null && !(Array.isArray(value) && value.length === 0)) params.set(name, String(value));
  return `/api/admin/audit/export?${params}`;
}
