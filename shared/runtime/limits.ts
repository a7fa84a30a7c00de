import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#shared/kernel/time.ts';

/**
 * Every bound of the running system, in one place. Times in milliseconds, sizes in bytes, counts in items. What one answer or
 * one event may hold is bounded by its contract, and how often one wish may be proposed anew by the judgement: both are pure
 * and know no running system.
 */
export const LIMITS = {
  /** A real order of 1,114 lines is 1.07 MB in Shopify's shape. */
  webhookBodyBytes: 2 * 1024 * 1024,
  /** Real bodies are some ten deep; the largest order that is taken may have ten items in the lists of each of its lines. */
  jsonDepth: 100,
  jsonItems: 20_000,
  /** A sender's clock that is so far ahead of ours is still taken at its word. */
  clockAheadMs: 5 * MINUTE_MS,
  formBodyBytes: 16 * 1024,
  /** Of a body that is answered before it has come, so much more is read and thrown away, for so long. */
  discardedBytes: 64 * 1024 * 1024,
  discardingMs: 10 * SECOND_MS,
  messageBytes: 256 * 1024,
  deliveriesPerCommit: 64,
  deliveriesWaiting: 1_000,
  deliveriesPerMapping: 200,
  /** Bodies in one commit, in one mapping, and waiting for their commit: a burst of large ones must not fill the memory. */
  bytesPerCommit: 8 * 1024 * 1024,
  bytesPerMapping: 8 * 1024 * 1024,
  bytesWaiting: 64 * 1024 * 1024,
  /** All bodies that are being read, whose senders have shown no signature yet. */
  bytesUnderWay: 32 * 1024 * 1024,
  /** After this long without its commit a webhook is refused, while its sender still listens. */
  commitMs: 2_500,
  /** Secrets of an endpoint that count at once: the present one and, while it is being changed, the one before it. */
  endpointSecrets: 2,
  /** Where a signature covers neither id nor time, the same body under other ids is a replay for this long. */
  replayGuardMs: 72 * HOUR_MS,
  /** What a carrier calls an order: it uses its codes again after some months. What a payment provider does: a dispute may come after 540 days. */
  parcelNamesKeptMs: 180 * DAY_MS,
  paymentNamesKeptMs: 550 * DAY_MS,
  /** Deliveries, or names of orders, whose time is over, deleted at once; the rest between two such, and between two looks for any. */
  forgottenAtOnce: 500,
  forgettingPauseMs: 250,
  forgettingLookMs: 10 * MINUTE_MS,
  /** Webhooks come in any order: one that names an item that nobody has heard of waits this long for the one that introduces it. */
  strangerMs: MINUTE_MS,
  /** A resource whose webhook was thin or late is read after this rest, once for all webhooks that came meanwhile. */
  fetchRestMs: SECOND_MS,
  /** Stores that are read at once, readings of one, how long one may take, and how often and after what waits it is tried. */
  fetchStoresAtOnce: 32,
  fetchesAtOnce: 2,
  fetchMs: MINUTE_MS,
  fetchTries: 8,
  fetchRetryMs: 5 * SECOND_MS,
  fetchRetryMaxMs: 10 * MINUTE_MS,
  /** How long an answered question is kept, how many go at once, and how often. */
  fetchKeptMs: 7 * DAY_MS,
  fetchesForgotten: 1_000,
  forgetFetchesMs: HOUR_MS,
  /** How often the executor looks whether a store's turn to be gone through has come. */
  pollLookMs: 5 * SECOND_MS,
  pollRetryMs: MINUTE_MS,
  /** What has changed this lately may still be told by its webhook: it is left for the next turn. */
  pollSettleMs: MINUTE_MS,
  /** A store's clock and ours, where nothing but a time tells whose an effect is. Shopify's times are whole seconds besides. */
  clocksApartMs: 5 * MINUTE_MS,
  /** Clocks differ, and lists run after their resources: so far back is looked again. */
  pollOverlapMs: 5 * MINUTE_MS,
  /** One going through of one list; what is left goes on at the next turn. */
  pollMs: 30 * MINUTE_MS,
  pollPage: 25,
  /** Pages of one list that is kept in memory: variants of a product, lines of an order, webhooks of a shop. */
  pagesOfList: 50,
  /** Pages in a row that show nothing new of what has changed; an older shop that does not know from when on shows some. */
  pagesWithoutNews: 100,
  /** Deliveries of a store that wait to be mapped; with more of them it is not gone through further. */
  pollWaiting: 200,
  /** Orders that a new store brings with it: those still open that changed this lately. */
  importOrdersMs: 14 * DAY_MS,
  /** For this long after an action's end, a webhook that shows what it wrote is its echo. */
  echoMs: 10 * MINUTE_MS,
  /** So far back is looked for the action of an echo that comes late and says by its own time that it is one. */
  lateEchoMs: DAY_MS,
  /** Events that are put on the bus at once, and that wait for it; beyond that they are found in Postgres. */
  publishesAtOnce: 64,
  publishesWaiting: 5_000,
  eventsPerProjection: 256,
  /** Facts that context keeps in memory for one store. */
  cachedFacts: 25_000,
  eventsPerFetch: 64,
  /** Events of one store that wait in memory for their turn. */
  feedEvents: 4_096,
  /** Events told again to an idle agent at one heartbeat. */
  toldAgain: 64,
  timersPerFiring: 64,
  /** Rounds of one store that wait for answers or a verdict; while there are so many, no further ones are opened. */
  openRounds: 256,
  /** Events that may be mapped ahead of the coordinator. */
  eventsAhead: 384,
  /** Actions of a replay that wait for the executor; with more the replay waits, so that its clock does not run away. */
  replayActions: 48,
  answersPerInsert: 256,
  roundsPerVerdict: 64,
  leavesPerIntent: 2_000,
  depth: 8,
  poisonDeliveries: 4,
  databaseConnections: 4,
  statementMs: 15 * SECOND_MS,
  /** Longer than any statement may take: a transaction that is still open then has lost its connection unnoticed. */
  transactionMs: 20 * SECOND_MS,
  lockMs: 10 * SECOND_MS,
  idleInTransactionMs: MINUTE_MS,
  leaseMs: 3 * SECOND_MS,
  leaseRenewMs: SECOND_MS,
  heartbeatMs: SECOND_MS,
  heartbeatSlackMs: 100,
  silentAfterMs: 3 * SECOND_MS,
  patienceMs: 10 * SECOND_MS,
  patienceReplayMs: MINUTE_MS,
  lookIntoPostgresMs: SECOND_MS,
  /** How long an idle loop rests when nothing wakes it. */
  restMs: 250,
  retryPassMs: 250,
  ackWaitMs: 5 * SECOND_MS,
  ackPending: 1_000,
  /** Messages asked for ahead by one consumption. */
  messagesPulled: 256,
  consumerRetryMs: 500,
  publishMs: 5 * SECOND_MS,
  workingEveryMs: 2 * SECOND_MS,
  watermarkPollMs: 250,
  callByMs: 30 * SECOND_MS,
  /** A call to a store: its connection, the first of its answer, the whole of it; how much it may answer. */
  storeConnectMs: 5 * SECOND_MS,
  storeHeadersMs: 15 * SECOND_MS,
  storeHttpMs: 20 * SECOND_MS,
  storeAnswerBytes: 8 * 1024 * 1024,
  /** Connections to one store that are kept when they are not needed, and how long: shorter than servers keep theirs (5 s and up). */
  storeConnections: 16,
  storeIdleMs: 4 * SECOND_MS,
  /** So many calls in a row that a store did not answer, and it is left alone: first for so long, at most for so long. */
  circuitFailures: 5,
  circuitOpenMs: 5 * SECOND_MS,
  circuitOpenMaxMs: 2 * MINUTE_MS,
  smtpMs: 10 * SECOND_MS,
  /** Actions under way at once in one executor; some places are kept for the urgent ones. */
  actionsAtOnce: 16,
  actionsKeptForUrgent: 4,
  /** Unknown ends looked at, and abandoned calls found, at once. */
  actionsPerLook: 16,
  revocationsPerLook: 256,
  /** How often an action that is known not to have happened is tried, and the longest wait between two tries. */
  actionTries: 12,
  actionRetryMs: 2 * SECOND_MS,
  actionRetryMaxMs: 2 * MINUTE_MS,
  /** What is left of an action's time when its calls have to be over, so that its end is written in time. */
  callMarginMs: 3 * SECOND_MS,
  mailsAtOnce: 5,
  mailRetryMs: 2 * SECOND_MS,
  mailRetryMaxMs: 5 * MINUTE_MS,
  readBackMs: [5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, 60 * MINUTE_MS],
  headersMs: 10 * SECOND_MS,
  requestMs: 15 * SECOND_MS,
  /** How often connections are looked over for the two limits above; Node's own half a minute would triple them. */
  connectionsLookMs: SECOND_MS,
  keepAliveMs: 5 * SECOND_MS,
  headerBytes: 8 * 1024,
  publicConnections: 500,
  /** That the system holds until they are taken; one too many is lost, and the sender tries again after a second, which is all that Shopify waits. */
  connectionsQueued: 4_096,
  liveViewers: 50,
  ruleFileBytes: 256 * 1024,
  /** A saved rule file counts when two looks at this distance find the folder the same. */
  ruleSettleMs: 300,
  /** A change that the file system does not announce (a link's target, a mounted folder) is found by looking. */
  ruleLookMs: 2 * SECOND_MS,
  /** Rule sets that a process keeps compiled; an older one that a round still needs is compiled anew. */
  compiledRuleSets: 16,
  /** All files of a rule set that is sent to be tried. */
  ruleSetBytes: 4 * 1024 * 1024,
  reconcileBusMs: 5 * SECOND_MS,
} as const;
