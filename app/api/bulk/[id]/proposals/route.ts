import { listProposals, PROPOSAL_FILTER, PROPOSAL_STATES } from '#lib/bulk/index.ts';
import { AppError } from '#lib/errors.ts';
import { json, parseId, route } from '#lib/http/index.ts';

/** `?state=`, `&group=`, `&confidence=` and `&q=` filter; `&after=` is the file at which the page before ended. */
export const GET = route<{ id: string }>({ may: 'model.edit' }, async ({ request, params, actor }) => {
  const id = parseId(params.id);
  const { state: asked = 'open', after, ...filter } = Object.fromEntries(new URL(request.url).searchParams);
  const state = PROPOSAL_STATES.find((one) => one === asked);
  if (state === undefined) throw new AppError('bad_request', `Set \`state\` to one of ${PROPOSAL_STATES.join(', ')}.`);
  const from = after === undefined ? 0 : parseId(after);
  return json(await listProposals(actor, id, { ...PROPOSAL_FILTER.parse(filter), state, after: from }));
});
