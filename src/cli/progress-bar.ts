import cliProgress from 'cli-progress';
import { fitProgress } from './describe-progress.ts';
import type { CommandProgress, ProgressDisplay } from './progress.ts';

/** The number of columns for which cli-progress makes the parts of bars, which is the most that a bar has. */
const BAR_COLUMNS = 40;
/** The width that is assumed when a terminal does not tell its own. */
const DEFAULT_COLUMNS = 80;
const FRAMES_PER_SECOND = 5;

/** Makes a bar on a terminal. */
export function createProgressBar(
  stream: NodeJS.WritableStream & { readonly columns?: number },
): ProgressDisplay {
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format: (options, { progress: part }, { progress }: { readonly progress: CommandProgress }) => {
        const drawBar = (barsize: number) => cliProgress.Format.BarFormat(part, { ...options, barsize });
        // The last column is left free: some terminals begin a new line after it.
        return fitProgress(progress, (stream.columns || DEFAULT_COLUMNS) - 1, drawBar);
      },
      barsize: BAR_COLUMNS,
      fps: FRAMES_PER_SECOND,
      hideCursor: true,
      clearOnComplete: true,
      // A line of the log clears the bar, so that it must be drawn even if it has not changed.
      forceRedraw: true,
      // Only run-command.ts handles signals.
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
