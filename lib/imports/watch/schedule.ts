/** How often a folder is searched for changes by itself: `manual` waits for a person. */
export const SCHEDULES = ['manual', 'hourly', 'daily'] as const;
export type Schedule = (typeof SCHEDULES)[number];

const HOUR_MS = 3600 * 1000;
const EVERY_MS: Readonly<Record<Schedule, number>> = {
  manual: Number.POSITIVE_INFINITY,
  hourly: HOUR_MS,
  daily: 24 * HOUR_MS,
};

/** True where the last search began one interval ago, or never. Timers of jobs come some seconds early or late. */
export function isDue(schedule: Schedule, searchedAt: Date | null, now = new Date()): boolean {
  if (schedule === 'manual') return false;
  return searchedAt === null || now.getTime() - searchedAt.getTime() >= EVERY_MS[schedule] - HOUR_MS / 60;
}
