/** Answers one path below `/api/auth`. */
export type Endpoint = (request: Request, path: string, body: unknown) => Promise<Response>;
