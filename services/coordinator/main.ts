import { z } from 'zod';
import { commonShape } from '#shared/runtime/config.ts';
import { runService } from '#shared/runtime/lifecycle.ts';
import { startCoordinator } from './start.ts';

await runService('coordinator', { ...commonShape, PARLEY_RULES_DIR: z.string().min(1) }, startCoordinator);
