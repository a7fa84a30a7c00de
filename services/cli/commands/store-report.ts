import { type Command, EXIT } from '../command.ts';
import { DOOR_OPTIONS } from '../stores/door.ts';
import { hoursOf, readReport, sayWatchReport } from '../watch-report.ts';

export const storeReport: Command = {
  name: 'store report',
  operands: 'NAME',
  about:
    'Says what a store that only watches would have done: by area, with what won, what people would be asked, what was refused.',
  takes: [1, 1],
  options: {
    since: { type: 'string', value: 'TIME', about: "how far back, on the store's clock: 36h, 7d, 2w  [7d]" },
    ...DOOR_OPTIONS,
  },
  examples: ['store report candles', 'store report candles --since 2w', 'store report candles --json'],
  async run({ api, operands, options, output }) {
    const report = await readReport(api, operands[0]!, hoursOf(options.since));
    if (!output.json) sayWatchReport(report, output);
    output.result(report);
    return EXIT.done;
  },
};
