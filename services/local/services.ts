/** Every process of the system, in the order in which they are started, and the environment keys that each is given. */
export const AGENTS = ['pricing', 'inventory', 'marketing', 'support', 'orders'] as const;

interface ServiceDeclaration {
  readonly name: string;
  /** Keys besides the common ones; nobody is given another's. */
  readonly keys: readonly string[];
}

export const SERVICES: readonly ServiceDeclaration[] = [
  {
    name: 'gateway',
    keys: [
      'PARLEY_PUBLIC_HOST',
      'PARLEY_PUBLIC_PORT',
      'PARLEY_OPERATOR_HOST',
      'PARLEY_OPERATOR_PORT',
      'PARLEY_OPERATOR_NAMES',
      'PARLEY_PUBLIC_URL',
      'PARLEY_MASTER_KEY_FILE',
      'PARLEY_MAILBOX_URL',
      'PARLEY_BUS_MONITOR_URL',
    ],
  },
  { name: 'context', keys: [] },
  { name: 'coordinator', keys: ['PARLEY_RULES_DIR'] },
  {
    name: 'executor',
    keys: [
      'PARLEY_MASTER_KEY_FILE',
      'PARLEY_SMTP_URL',
      'PARLEY_MAIL_FROM',
      'PARLEY_PUBLIC_URL',
      'PARLEY_PUBLIC_PORT',
      'PARLEY_POLL_MINUTES',
    ],
  },
  ...AGENTS.map((name) => ({ name, keys: [] })),
  {
    name: 'sandbox',
    keys: [
      'PARLEY_SANDBOX_HOST',
      'PARLEY_SANDBOX_PORT',
      'PARLEY_SANDBOX_GATEWAY_URL',
      'PARLEY_SANDBOX_REPLAY_FILE',
      'PARLEY_SANDBOX_SPEED',
      'PARLEY_SANDBOX_SEED',
      'PARLEY_SANDBOX_STORE',
      'PARLEY_SANDBOX_SECRET_FILE',
    ],
  },
];

/** What every process may see of the launcher's own environment: where programs and temporary files are. */
export const HOST_KEYS = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'SYSTEMROOT', 'NODE_EXTRA_CA_CERTS'] as const;
