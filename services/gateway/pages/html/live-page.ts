import { html, raw } from 'hono/html';
import type { Filter } from '../live/filter.ts';
import { VERDICTS } from './format.ts';
import { type Html, page } from './layout.ts';
import type { StatusView } from './summary.ts';
import { clocksBlock, servicesBlock, totalsBlock, waitingBlock } from './summary.ts';

interface LivePage {
  readonly status: StatusView;
  readonly allStores: readonly string[];
  readonly agents: readonly string[];
  readonly filter: Filter;
  /** Rows as `renderFrame` made them, newest first. */
  readonly rows: { readonly events: string; readonly judged: string };
  /** Where the stream goes on. */
  readonly streamPath: string;
}

export function livePage(options: LivePage): Html {
  const { status, rows, filter, streamPath } = options;
  const filtered = Boolean(filter.agent ?? filter.verdict ?? filter.store);
  return page({
    title: 'Live',
    here: 'live',
    script: true,
    status: html`<div class="clocks" id="clocks">${clocksBlock(status)}</div>
<div class="following"><span id="follow" class="follow" role="status">not following</span><button type="button" id="pause" aria-pressed="false" hidden>Pause</button></div>`,
    body: html`<div id="live" data-stream="${streamPath}">
<h1 class="visually-hidden">What the agents want, and what was decided</h1>
<section class="tiles" id="totals" aria-label="Totals">${totalsBlock(status)}</section>
<section class="waiting" id="waiting" aria-label="Waiting for a person">${waitingBlock(status)}</section>
<section class="running" id="services" aria-label="Services and rules">${servicesBlock(status)}</section>
<div class="switch" role="group" aria-label="Which list"><input type="radio" name="list" id="show-judged" checked><label for="show-judged">Decisions</label><input type="radio" name="list" id="show-events"><label for="show-events">Events</label></div>
<div class="lists">
<section class="list judged" aria-labelledby="judged-title">
<header><h2 id="judged-title">Decisions</h2>${filterForm(options)}</header>
<ol id="judged">${raw(rows.judged)}</ol>
${empty(rows.judged === '', filtered ? html`<p>Nothing fits this choice. <a href="/">Show everything</a></p>` : decisionsEmpty(status))}
</section>
<section class="list events" aria-labelledby="events-title">
<header><h2 id="events-title">Events</h2><span class="small" id="sample" role="status"></span></header>
<ol id="events">${raw(rows.events)}</ol>
${empty(rows.events === '', html`<p><b>No event yet.</b> Parley listens for webhooks of the stores above.</p>`)}
</section>
</div></div>`,
  });
}

/** Shown by the style sheet for as long as the list before it has no row. */
function empty(isEmpty: boolean, text: Html): Html {
  return html`<div class="empty"${isEmpty ? '' : raw(' hidden')}>${text}</div>`;
}

function decisionsEmpty({ stores }: StatusView): Html {
  return html`<p><b>Nothing has been decided yet.</b></p>
<p>${stores.length === 0 ? 'No store is connected.' : 'The five agents answer each event; what they want to do appears here, with the verdict and the rule that gave it.'}</p>
<p>To see it at work, replay a month of real orders:</p>
<pre>npm start -- --replay orders.csv.gz --speed max</pre>
<p>or let the sandbox shop trade on its own: <code>npm start</code>. Questions to people arrive in the <a href="/mailbox">mailbox</a>.</p>`;
}

function filterForm({ allStores, agents, filter }: LivePage): Html {
  return html`<form class="filter" id="filter" method="get" action="/" aria-label="Show only">
${choice('agent', 'every agent', agents, filter.agent)}
${choice('verdict', 'every verdict', VERDICTS, filter.verdict)}
${allStores.length > 1 ? choice('store', 'every store', allStores, filter.store) : ''}
<button>Show</button></form>`;
}

function choice(name: string, all: string, values: readonly string[], chosen: string | undefined): Html {
  return html`<label><span class="visually-hidden">${name}</span><select name="${name}"><option value="">${all}</option>${values.map(
    (value) => html`<option${value === chosen ? raw(' selected') : ''}>${value}</option>`,
  )}</select></label>`;
}
