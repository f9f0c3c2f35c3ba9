// Pages in an outage of the database: said before Next is asked where that is known by then, and in place of Next's page
// about an unexpected error where the outage begins meanwhile.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import { isDatabaseOutage, isDatabaseUp } from '#lib/db/index.ts';
import { databaseOutagePage, type ReplaceableResponse, sendStandIn } from '#lib/http/index.ts';

interface PageRequest {
  /** Whether something in it failed because the database is away. */
  hasMetOutage: boolean;
}

const requests = new AsyncLocalStorage<PageRequest>();

/** What is no page, and says by itself what is wrong; and what pages are made of. */
const NO_PAGE = /^\/(?:api|_next)(?:\/|$)|^\/(?:icon\.svg|favicon\.ico)$/;

/**
 * Whether a browser shows the answer as a page of its own. What an open page asks for more (`rsc`) is shown inside of it:
 * another page in its place would end the uploads that it sends.
 */
export function isPage({ method, headers }: IncomingMessage, path: string): boolean {
  return (method === 'GET' || method === 'HEAD') && headers.rsc === undefined && !NO_PAGE.test(path);
}

/** Answers a request for a page by `render`, or with the page that says that the database is away. */
export async function answerPage(response: ReplaceableResponse, render: () => Promise<void>): Promise<void> {
  if (!(await isDatabaseUp())) return sendStandIn(databaseOutagePage(), response);
  const request: PageRequest = { hasMetOutage: false };
  response.replaceFailure(() => (request.hasMetOutage ? databaseOutagePage() : null));
  try {
    await requests.run(request, render);
  } catch (error) {
    if (response.headersSent || !isDatabaseOutage(error)) throw error;
    sendStandIn(databaseOutagePage(), response);
  }
}

/** What `instrumentation.ts` calls with every error in a page: found by this name, because Next bundles that file apart. */
Object.assign(globalThis, {
  [Symbol.for('weighhouse.page-error')]: (error: unknown) => {
    const request = requests.getStore();
    if (request !== undefined && isDatabaseOutage(error)) request.hasMetOutage = true;
  },
});
