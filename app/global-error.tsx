'use client';

import './globals.css';
import { useOutage } from './components/use-outage.ts';

/** Where the frame itself cannot be rendered, and nothing of it may be relied on. */
export default function ServiceFailure() {
  const isOutage = useOutage(() => window.location.reload());
  return (
    <html lang="en">
      <body className="bare-failure">
        <title>Weighhouse is not available</title>
        <h1>{isOutage ? 'The database cannot be reached' : 'Weighhouse is not available'}</h1>
        <p>
          {isOutage
            ? 'This page is loaded again by itself as soon as the database is back.'
            : 'The server reported an error. See the server log for the cause.'}
        </p>
        <p>
          {/* biome-ignore lint/a11y/useValidAnchor: the same address again, without any of the page's own code */}
          <a href="">Try again</a>
        </p>
      </body>
    </html>
  );
}
