/** What a part that does not answer in time is at fault for. */
export class Overdue extends Error {
  override readonly name = 'Overdue';
}

/** The same promise, rejected with Overdue where it takes longer than `ms` milliseconds. */
export async function withDeadline<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Overdue(`No answer within ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([promise, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
