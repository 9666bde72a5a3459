/** Runs a handler on a queue in your own process, without Lambda and without a framework. */
export type { BatchItemFailure, BatchResult, OutgoingMessage } from '../../lambda/event/batch-result.js';
export { compileFilterPatterns } from '../../lambda/event/filter-patterns.js';
export { executionEnvironment } from '../../lambda/runtime/execution-environment.js';
export type { HandlerContext, QueueHandler } from '../../lambda/runtime/handler.js';
export { StagedStore } from '../../state/staged-store.js';
export type { Store } from '../../state/store.js';
export type { ChangelogSettings } from '../changelog/settings.js';
export type { BrokerAddress } from '../connection/address.js';
export { FatalError, UnservableError } from '../connection/fatal-error.js';
export type { AdapterLog, LogCode, LogDetails } from '../log.js';
export type { BatchReport, SettledMessage } from '../observing/batch-report.js';
export type {
  BindingDeclaration,
  ExchangeDeclaration,
  QueueDeclaration,
  Topology,
} from '../topology/topology.js';
export type {
  BatchingOptions,
  QueueRunnerOptions,
  ReportingOptions,
  RetryOptions,
  TimingOptions,
} from './options.js';
export { runQueue } from './run-queue.js';
