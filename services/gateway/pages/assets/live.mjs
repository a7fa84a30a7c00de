// Follows the stream and puts what it brings at the top of the two lists. Every row was rendered and escaped by the
// gateway; nothing is built from text here, and the page's policy allows no script but this one.
const ROWS_MAX = 150;
const RETRY_MS = 5_000;

const live = document.getElementById('live');
const lists = { events: document.getElementById('events'), judged: document.getElementById('judged') };
const follow = document.getElementById('follow');
const sample = document.getElementById('sample');
const pause = document.getElementById('pause');
const filter = document.getElementById('filter');

let paused = false;
let waiting = { events: [], judged: [] };
let position = new URL(live.dataset.stream, location.href).searchParams.get('from') ?? '';

function say(text, state) {
  follow.textContent = text;
  follow.dataset.state = state;
}

function parse(markup) {
  const template = document.createElement('template');
  template.innerHTML = markup;
  return [...template.content.children];
}

/** Newest first; what falls off the end goes, except a decision that somebody is reading. */
function put(name, rows) {
  if (rows.length === 0) return;
  const list = lists[name];
  const known = new Set([...list.children].slice(0, 100).map((row) => row.dataset.key));
  const fresh = rows.filter((row) => !known.has(row.dataset.key));
  for (const row of fresh) row.classList.add('fresh');
  list.prepend(...fresh);
  for (let row = list.lastElementChild; list.children.length > ROWS_MAX && row; ) {
    const before = row.previousElementSibling;
    if (!row.querySelector('details[open]')) row.remove();
    row = before;
  }
  const hint = list.nextElementSibling;
  if (hint?.classList.contains('empty')) hint.hidden = true;
}

function onRows(message) {
  position = message.lastEventId || position;
  const { events, judged, shown, of, ms } = JSON.parse(message.data);
  const news = { events: parse(events), judged: parse(judged) };
  tellRate(shown, of, ms);
  if (!paused) {
    put('events', news.events);
    put('judged', news.judged);
    return;
  }
  for (const name of ['events', 'judged']) waiting[name] = [...news[name], ...waiting[name]].slice(0, ROWS_MAX);
  say(`paused, ${waiting.events.length + waiting.judged.length} new`, 'paused');
}

function tellRate(shown, of, ms) {
  if (of <= shown) {
    sample.textContent = '';
    return;
  }
  const seconds = Math.max(1, ms / 1000);
  const rate = (count) => Math.round(count / seconds).toLocaleString('en-GB');
  sample.textContent =
    ms > 15_000
      ? `showing the newest ${shown} of ${of.toLocaleString('en-GB')}`
      : `showing ${rate(shown)} of ${rate(of)} a second`;
}

/** Blocks are replaced only when they differ, and the focus stays on the link that it was on. */
function onStatus(message) {
  const blocks = JSON.parse(message.data);
  for (const [id, markup] of Object.entries(blocks)) {
    const block = document.getElementById(id);
    if (!block || block.dataset.was === markup) continue;
    const focused = block.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    block.dataset.was = markup;
    block.innerHTML = markup;
    if (focused) block.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

function connect() {
  const address = new URL(live.dataset.stream, location.href);
  address.searchParams.set('from', position);
  const stream = new EventSource(address);
  const following = () => !paused && say('following', 'on');
  stream.addEventListener('open', following);
  stream.addEventListener('rows', onRows);
  stream.addEventListener('status', onStatus);
  stream.addEventListener('error', () => {
    if (stream.readyState === EventSource.CLOSED) {
      say('refused: too many viewers? Trying again', 'off');
      setTimeout(connect, RETRY_MS);
    } else say('connection lost, trying again', 'off');
  });
  addEventListener('pagehide', () => stream.close(), { once: true });
}

pause.hidden = false;
pause.addEventListener('click', () => {
  paused = !paused;
  pause.setAttribute('aria-pressed', String(paused));
  pause.textContent = paused ? 'Resume' : 'Pause';
  if (paused) return say('paused', 'paused');
  say('following', 'on');
  put('events', waiting.events);
  put('judged', waiting.judged);
  waiting = { events: [], judged: [] };
});

/** A decision's inside is fetched when it is opened, once. */
lists.judged.addEventListener(
  'toggle',
  async (event) => {
    const details = event.target;
    if (!details.open || details.dataset.loaded) return;
    details.dataset.loaded = 'yes';
    const inside = details.querySelector('.more');
    try {
      const response = await fetch(`${details.dataset.src}?part=body`);
      if (!response.ok) throw new Error(String(response.status));
      inside.innerHTML = await response.text();
    } catch {
      delete details.dataset.loaded;
    }
  },
  true,
);

filter.classList.add('scripted');
filter.addEventListener('change', () => {
  const query = new URLSearchParams([...new FormData(filter)].filter(([, value]) => value !== ''));
  location.assign(query.size > 0 ? `/?${query}` : '/');
});

// Space pauses, as in a player, unless something else has the focus.
addEventListener('keydown', (event) => {
  if (event.key !== ' ' || event.target !== document.body) return;
  event.preventDefault();
  pause.click();
});

addEventListener('pageshow', (event) => event.persisted && location.reload());
connect();
