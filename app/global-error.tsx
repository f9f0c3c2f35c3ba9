'use client';

import './globals.css';

/** Where the frame itself cannot be rendered, and nothing of it may be relied on. */
export default function ServiceFailure() {
  return (
    <html lang="en">
      <body className="bare-failure">
        <title>Weighhouse is not available</title>
        <h1>Weighhouse is not available</h1>
        <p>
          The server reported an error. It may still be starting, or its database is not available. See the server log
          for the cause.
        </p>
        <p>
          {/* biome-ignore lint/a11y/useValidAnchor: the same address again, without any of the page's own code */}
          <a href="">Try again</a>
        </p>
      </body>
    </html>
  );
}
