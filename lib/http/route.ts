import type { AccountAction, Action, Actor, OpenAction } from '../accounts/index.ts';
import { AppError } from '../errors.ts';
import { admit, type RouteRights } from './admit.ts';
import { errorResponse } from './answer.ts';
import { BODY_BYTES, limitBody } from './body.ts';

/** What every route handler declares. */
export interface RouteDeclaration<May extends Action | 'public' = Action | 'public'> extends RouteRights<May> {
  /** Most bytes of its body, 1 MiB unless declared; `streamed` where the handler holds it to a length that it knows. */
  body?: number | 'streamed';
}

/** One request that may be answered. */
export interface Call<Params, Who> {
  /** Its body is held to what the route declares. */
  request: Request;
  params: Params;
  actor: Who;
}

type NoParams = Record<string, never>;
type Handler<Params, Who> = (call: Call<Params, Who>) => Promise<Response> | Response;

export interface Route<Params> {
  (request: Request, context: { params: Promise<Params> }): Promise<Response>;
  declaration: RouteDeclaration;
}

/**
 * A route handler that is asked only for requests that its declaration admits, before a byte of their body is read; what
 * it throws becomes an answer. Every handler below `app/api` is made by it.
 */
export function route<Params = NoParams>(
  declaration: RouteDeclaration<AccountAction>,
  handler: Handler<Params, Actor>,
): Route<Params>;
export function route<Params = NoParams>(
  declaration: RouteDeclaration<OpenAction>,
  handler: Handler<Params, Actor | null>,
): Route<Params>;
export function route<Params = NoParams>(
  declaration: RouteDeclaration<'public'>,
  handler: Handler<Params, null>,
): Route<Params>;
export function route<Params>(declaration: RouteDeclaration, handler: Handler<Params, never>): Route<Params> {
  const { body = BODY_BYTES } = declaration;
  const answer = async (request: Request, context: { params: Promise<Params> }) => {
    try {
      const actor = (await admit(declaration, request)) as never;
      const params = await context.params;
      if (body === 'streamed') return await handler({ request, params, actor });
      const limited = limitBody(request, body);
      const response = await settle(() => handler({ request: limited.request, params, actor }));
      const exceeded = limited.exceeded();
      if (exceeded !== null) throw exceeded;
      return response();
    } catch (error) {
      return errorResponse(error);
    }
  };
  return Object.assign(answer, { declaration });
}

/** Runs to the end without throwing, so that what is known by then can be looked at first. */
async function settle(run: () => Promise<Response> | Response): Promise<() => Response> {
  try {
    const response = await run();
    return () => response;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** An id in a path. Throws AppError `not_found` for what is no 32-bit id. */
export function parseId(text: string): number {
  const id = Number(/^\d+/.exec(text)?.[0] ?? Number.NaN);
  if (!Number.isInteger(id) || id < 1 || id > 0x7fffffff) throw new AppError('not_found', 'Not found.');
  return id;
}
