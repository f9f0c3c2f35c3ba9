export { formatBytes } from '#lib/format-bytes.ts';

/** Seconds as people say them: `40 s`, `3 min`, `1 h 20 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

// One locale and zone on the server and in the browser, or React would find two different pages.
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const MOMENT = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});
const NUMBER = new Intl.NumberFormat('en-GB');

export function formatDay(iso: string): string {
  return DAY.format(new Date(iso));
}

export function formatMoment(iso: string): string {
  return `${MOMENT.format(new Date(iso))} UTC`;
}

export function formatNumber(value: number): string {
  return NUMBER.format(value);
}

/** `10,000+` where there are more than were counted. */
export function formatTotal(count: number, isCapped: boolean): string {
  return `${formatNumber(count)}${isCapped ? '+' : ''}`;
}

/** `1 file`, `2 files`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
