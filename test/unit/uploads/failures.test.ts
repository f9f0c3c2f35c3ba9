import { describe, expect, it } from 'vitest';
import { FAILURES, type FailureKind, failureHere, failureOf } from '#app/components/uploads/failures.ts';

const answer = (status: number, body = '', retryAfter: string | null = null) => ({ status, body, retryAfter });

/** What each status of an upload means: its kind, whether it is tried again by itself, and what a person can do. */
const TABLE: readonly [number, FailureKind, boolean, string | null][] = [
  [0, 'offline', true, 'retry'],
  [400, 'invalid', false, null],
  [401, 'signed_out', false, 'sign-in'],
  [403, 'forbidden', false, 'retry'],
  [404, 'gone', false, 'start-over'],
  [405, 'invalid', false, null],
  [408, 'unavailable', true, 'retry'],
  [409, 'conflict', true, 'retry'],
  [410, 'gone', false, 'start-over'],
  [412, 'invalid', false, null],
  [413, 'too_large', false, 'retry'],
  [415, 'unsupported', false, null],
  [422, 'rejected', false, 'start-over'],
  [423, 'locked', true, 'retry'],
  [425, 'unavailable', true, 'retry'],
  [429, 'too_many', true, 'retry'],
  [460, 'rejected', false, 'start-over'],
  [500, 'server_error', true, 'retry'],
  [502, 'unavailable', true, 'retry'],
  [503, 'unavailable', true, 'retry'],
  [504, 'unavailable', true, 'retry'],
  [507, 'no_room', false, 'retry'],
  [520, 'server_error', true, 'retry'],
];

describe('a failed attempt to upload', () => {
  it.each(TABLE)('with status %i is %s', (status, kind, isRetried, action) => {
    expect(failureOf(answer(status)).kind).toBe(kind);
    const facts = FAILURES[kind];
    expect([facts.retries > 0, facts.action]).toEqual([isRetried, action]);
  });

  it('never holds up other files when it concerns one file alone', () => {
    const holding = Object.entries(FAILURES).flatMap(([kind, { holdsAll }]) => (holdsAll ? [kind] : []));
    expect(holding.sort()).toEqual(['offline', 'signed_out', 'too_many', 'unavailable']);
    // What holds all of them and has no end of its own needs somebody who ends it.
    for (const { holdsAll, retries, action } of Object.values(FAILURES))
      if (holdsAll && retries === 0) expect(action).toBe('sign-in');
  });

  it('is explained with the words of the server, as JSON or as text, and never with a page', () => {
    const json = JSON.stringify({ error: { code: 'no_room', message: 'The disk is full.' } });
    expect(failureOf(answer(507, json)).reason).toBe('The disk is full.');
    expect(failureOf(answer(413, 'Your quota is used up.\n')).reason).toBe('Your quota is used up.');
    const page = '<html><h1>502 Bad Gateway</h1></html>';
    expect(failureOf(answer(502, page)).reason).toBe(FAILURES.unavailable.reason);
    expect(failureOf(answer(401, json)).reason).toBe(FAILURES.signed_out.reason);
    expect(failureOf(answer(404, 'Upload not found.\n')).reason).toBe(FAILURES.gone.reason);
    expect(failureOf(answer(500, '')).reason).toBe(FAILURES.server_error.reason);
    expect(failureHere('unreadable').reason).toBe(FAILURES.unreadable.reason);
  });

  it('says when the server wants to be asked again, in seconds or as a date', () => {
    const now = Date.parse('2026-12-01T00:00:00Z');
    const after = (header: string | null) => failureOf(answer(503, '', header), now).retryAfter;
    expect(after('12')).toBe(12);
    expect(after('Tue, 01 Dec 2026 00:01:30 GMT')).toBe(90);
    expect(after('Mon, 30 Nov 2026 00:00:00 GMT')).toBe(0);
    expect([after(null), after(''), after('soon')]).toEqual([null, null, null]);
  });
});
