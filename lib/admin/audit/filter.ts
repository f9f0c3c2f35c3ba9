import { Prisma } from '../../db/index.ts';

const { sql, join } = Prisma;

/** The spans of time that a filter offers, in hours. */
const SPANS = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 } as const;

const MAX_ACTIONS = 100;

/** Which entries of the audit log are wanted. Null and an empty list want all. */
export interface AuditFilter {
  /** A user's id, or `system`: what they did, and what was done to their account. */
  person: string | null;
  actions: string[];
  modelId: number | null;
  /** The first moment that is wanted. */
  from: Date | null;
  /** The first moment that is not wanted any more. */
  until: Date | null;
}

/**
 * Reads a filter from a URL: `person`, `action` (a list), `model`, and `time` (24h, 7d, 30d) or `from` and `until`. Never
 * fails: what makes no sense filters nothing, so that an old link still shows a log.
 */
export function parseAuditFilter(params: URLSearchParams, now = new Date()): AuditFilter {
  const span = params.get('time') ?? '';
  const hours = Object.hasOwn(SPANS, span) ? SPANS[span as keyof typeof SPANS] : null;
  return {
    person: readWord(params.get('person')),
    actions: [...new Set(params.getAll('action').flatMap((text) => text.split(',')))]
      .filter((id) => readWord(id) !== null)
      .slice(0, MAX_ACTIONS),
    modelId: readId(params.get('model')),
    from: hours === null ? readMoment(params.get('from')) : new Date(now.getTime() - hours * 3_600_000),
    until: hours === null ? readMoment(params.get('until')) : null,
  };
}

/** An id as people, actions and entries have them. */
function readWord(text: string | null): string | null {
  return text !== null && /^[\w.-]{1,100}$/.test(text) ? text : null;
}

function readId(text: string | null): number | null {
  const id = Number(text ?? '');
  return Number.isInteger(id) && id > 0 && id <= 0x7fff_ffff ? id : null;
}

function readMoment(text: string | null): Date | null {
  if (text === null || !/^\d{4}-\d\d-\d\d/.test(text)) return null;
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? null : moment;
}

/**
 * The filter as conditions on `audit_entry a`. Rows that fulfil any of them are wanted, and none fulfils two. Each can
 * be answered from an index, in the order of time.
 */
export function conditionsOf({ person, actions, modelId, from, until }: AuditFilter): Prisma.Sql[] {
  const common = [
    ...(actions.length === 0 ? [] : [sql`a.action = ANY(${actions})`]),
    ...(modelId === null ? [] : [sql`a."modelId" = ${modelId}`]),
    ...(from === null ? [] : [sql`a.at >= ${from}`]),
    ...(until === null ? [] : [sql`a.at < ${until}`]),
  ];
  const all = (...own: Prisma.Sql[]) => join([sql`true`, ...own, ...common], ' AND ');
  if (person === null) return [all()];
  return [
    all(sql`a.actor = ${person}`),
    all(sql`a.subject = 'user' AND a."subjectId" = ${person} AND a.actor <> ${person}`),
  ];
}
