import { manifest as inventory } from '../inventory/agent.ts';
import { manifest as marketing } from '../marketing/agent.ts';
import { manifest as orders } from '../orders/agent.ts';
import { manifest as pricing } from '../pricing/agent.ts';
import { manifest as support } from '../support/agent.ts';

/** The agents of this repository: `setup` writes their manifests into force. No service may import another's; this list may. */
export const MANIFESTS = [pricing, inventory, marketing, support, orders] as const;
