import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestService, type TestService } from '../support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.dispose());

it('answers', async () => {
  const r = await fetch(`${service.url}/api/health`);
  expect(r.status).toBe(200);
});
