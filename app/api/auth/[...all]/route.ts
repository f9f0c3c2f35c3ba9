import { answerAuth } from '#lib/accounts/index.ts';
import { readJson, route } from '#lib/http/index.ts';

type Params = { all: string[] };

/** Signing in and all around it: names, addresses and passwords. Who may do what of it is decided there. */
const declaration = { may: 'public', body: 16_384 } as const;

export const GET = route<Params>(declaration, ({ request, params }) => answerAuth(request, params.all.join('/'), null));

export const POST = route<Params>(declaration, async ({ request, params }) =>
  answerAuth(request, params.all.join('/'), request.body === null ? {} : await readJson(request)),
);
