import { commonShape } from '#shared/runtime/config.ts';
import { runService } from '#shared/runtime/lifecycle.ts';
import { startContext } from './start.ts';

await runService('context', commonShape, startContext);
