import cliProgress from 'cli-progress';
import { describeAmount, describePhase } from './describe-progress.ts';
import type { Progress, ProgressDisplay } from './progress.ts';

/** Characters of the bar. */
const BAR_WIDTH = 24;
const FRAMES_PER_SECOND = 5;

/** A bar on a terminal. */
export function createProgressBar(stream: NodeJS.WritableStream): ProgressDisplay {
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format: (options, { progress: part }, { progress }: { readonly progress: Progress }) => {
        const phase = describePhase(progress);
        if (progress.phase === 'looking-up') return phase;
        return `${cliProgress.Format.BarFormat(part, options)} ${describeAmount(progress)}  ${phase}`;
      },
      barsize: BAR_WIDTH,
      fps: FRAMES_PER_SECOND,
      hideCursor: true,
      clearOnComplete: true,
      // A line of the log wipes the bar off.
      forceRedraw: true,
      // Signals are the business of run-command.ts.
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  );
  let isStarted = false;
  return {
    update(progress) {
      if (!isStarted) bar.start(progress.total, progress.done, { progress });
      isStarted = true;
      bar.setTotal(progress.total);
      bar.update(progress.done, { progress });
    },
    stop() {
      if (isStarted) bar.stop();
      isStarted = false;
    },
  };
}
