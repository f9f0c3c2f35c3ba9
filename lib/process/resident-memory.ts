import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Bytes of memory that a process has resident; 0 where it is gone or the system does not tell. */
export async function residentMemory(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  }
  if (process.platform === 'win32') return 0;
  return new Promise((resolve) => {
    const ps = spawn('ps', ['-o', 'rss=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    ps.stdout.on('data', (chunk) => {
      text += String(chunk);
    });
    ps.once('error', () => resolve(0));
    ps.once('close', () => resolve(Number.parseInt(text.trim() || '0', 10) * 1024));
  });
}
