/** A balance: what a weigh house has above its door. */
export function Logo({ size = 30 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#177166" />
      <g fill="none" stroke="#fff" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round">
        <path d="M16 6v19M11 25h10M6 10.5 16 9l10 1.5" />
        <path d="M6 10.5 3 18h6zM26 10.5 23 18h6z" />
        <path d="M3 18a3 3 0 0 0 6 0M23 18a3 3 0 0 0 6 0" />
      </g>
    </svg>
  );
}
