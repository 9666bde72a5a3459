import type { Connection } from '../connection/connection.js';
import { InvocationWatch } from './invocation-watch.js';
import type { RecordingSource } from './recording-lines.js';
import { Recordings } from './recordings.js';
import type { UnsignedReport } from './report-draft.js';
import type { RunnerActivity } from './runner-activity.js';
import { StatusReports } from './status-reports.js';

export interface ObserveOptions extends RecordingSource {
  readonly activity: RunnerActivity;
  /** Where it reports its state, if anywhere. */
  readonly statusExchange?: string | undefined;
  readonly statusEveryMs: number;
  /** Whether those who may write to its exchange may record the runner. */
  readonly recordable: boolean;
}

/** The observers of a running runner, on separate channels. */
export interface Observers {
  readonly watch: InvocationWatch;
  /** Never throws. */
  end(): Promise<void>;
}

export function observe(connection: Connection, observed: ObserveOptions): Observers {
  const { name, source, store, activity, statusExchange: exchange, statusEveryMs: everyMs } = observed;
  const { queue } = source;
  const read = () => ({ name, queue, ...activity.now, entries: store.size });
  const reports = exchange === undefined ? undefined : StatusReports.start(connection, { exchange, read, everyMs });
  const recordings = observed.recordable ? Recordings.start(connection, observed) : undefined;
  const tell = reports && ((report: UnsignedReport) => reports.tell({ name, queue, ...report }));
  const watch = new InvocationWatch({ queue, tell, recordings });
  return {
    watch,
    end: async () => {
      watch.end();
      await recordings?.end();
      await reports?.end();
    },
  };
}
