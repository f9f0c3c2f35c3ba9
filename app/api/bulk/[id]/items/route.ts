import { BULK_ITEM_STATES, exportBulkItems, listBulkItems } from '#lib/bulk/index.ts';
import { AppError } from '#lib/errors.ts';
import { json, parseId, route, serveStream } from '#lib/http/index.ts';

/** `?state=` one result, `&after=` the model at which the page before ended; or all of them with `?format=csv`. */
export const GET = route<{ id: string }>({ may: 'model.edit' }, async ({ request, params, actor }) => {
  const id = parseId(params.id);
  const { searchParams } = new URL(request.url);
  const format = searchParams.get('format') ?? 'json';
  if (format === 'csv')
    return serveStream(await exportBulkItems(actor, id), { filename: `bulk-change-${id}.csv`, mediaType: 'text/csv' });
  if (format !== 'json') throw new AppError('bad_request', 'Set `format` to csv or json.');
  const asked = searchParams.get('state');
  const state = BULK_ITEM_STATES.find((one) => one === asked);
  if (asked !== null && state === undefined)
    throw new AppError('bad_request', `Set \`state\` to one of ${BULK_ITEM_STATES.join(', ')}.`);
  const after = searchParams.get('after');
  return json(await listBulkItems(actor, id, { state, after: after === null ? 0 : parseId(after) }));
});
