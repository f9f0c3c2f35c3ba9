import { AppError } from '#lib/errors.ts';
import { readJson, route } from '#lib/http/index.ts';
import { removeSiteToken, SITE_TOKEN, SITES, type Site, setSiteToken } from '#lib/remote/index.ts';

type Params = { site: string };

export const PUT = route<Params>({ may: 'account.manage' }, async ({ request, params, actor }) => {
  const { token } = SITE_TOKEN.parse(await readJson(request));
  await setSiteToken(actor, readSite(params.site), token);
  return new Response(null, { status: 204 });
});

export const DELETE = route<Params>({ may: 'account.manage' }, async ({ params, actor }) => {
  await removeSiteToken(actor, readSite(params.site));
  return new Response(null, { status: 204 });
});

function readSite(text: string): Site {
  const site = SITES.find((one) => one === text);
  if (site === undefined) throw new AppError('not_found', 'Not found.');
  return site;
}
