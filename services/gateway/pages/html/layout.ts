import { html, raw } from 'hono/html';
import { assetPath } from '../assets.ts';

export type Html = ReturnType<typeof html>;

interface PageOptions {
  readonly title: string;
  readonly body: Html;
  /** Which entry of the navigation is the current one; pages on the public listener have no navigation. */
  readonly here?: 'live' | 'escalations' | 'mailbox';
  readonly script?: boolean;
  /** Seconds after which the page looks again, without any script. */
  readonly again?: number;
  readonly status?: Html;
}

export const MARK = raw(
  '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><circle cx="12" cy="16" r="9"/><circle cx="20" cy="16" r="9"/></svg>',
);

/** Every page of ours: one style sheet, at most one module, nothing inline. */
export function page(options: PageOptions): Html {
  const { title, body, here, script, again, status } = options;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Parley</title>
<link rel="icon" href="${assetPath('mark.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${assetPath('parley.css')}">
${again ? html`<meta http-equiv="refresh" content="${again}">` : ''}
${script ? html`<script type="module" src="${assetPath('live.mjs')}"></script>` : ''}
</head>
<body class="${here ? 'operator' : 'public'}">
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
${here ? html`<a class="brand" href="/">${MARK}Parley</a>${navigation(here)}` : html`<span class="brand">${MARK}Parley</span>`}
${status ?? ''}
</header>
<main id="main" tabindex="-1">${body}</main>
</body>
</html>`;
}

const PLACES = [
  ['live', '/', 'Live'],
  ['escalations', '/escalations', 'Escalations'],
  ['mailbox', '/mailbox', 'Mailbox'],
] as const;

function navigation(here: string): Html {
  return html`<nav aria-label="Pages">${PLACES.map(
    ([name, href, label]) => html`<a href="${href}"${name === here ? raw(' aria-current="page"') : ''}>${label}</a>`,
  )}</nav>`;
}

/** A page that says one thing. */
export function notice(title: string, text: string, here?: PageOptions['here']): Html {
  return page({
    title,
    ...(here ? { here } : {}),
    body: html`<section class="sheet notice"><h1>${title}</h1><p>${text}</p></section>`,
  });
}
