/** What the plugin reads of the framework, which has no types of its own. */
export interface Serverless {
  readonly serviceDir: string;
  readonly service: {
    readonly custom?: Readonly<Record<string, unknown>>;
    readonly provider: FunctionDefaults;
    getAllFunctions(): string[];
    getFunction(functionKey: string): FunctionDefinition;
  };
  readonly pluginManager: {
    spawn(command: string, options: { readonly terminateLifecycleAfterExecution: boolean }): Promise<void>;
  };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  getProvider(name: 'aws'): { readonly naming: Naming };
}

/** Every value may be one of CloudFormation's functions instead, an object. */
export interface FunctionDefaults {
  readonly memorySize?: number;
  readonly runtime?: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly environment?: Readonly<Record<string, unknown>>;
}

export interface FunctionDefinition extends FunctionDefaults {
  readonly name: string;
  readonly handler: string;
  readonly events?: readonly { readonly rabbitmq?: RabbitmqEvent }[];
  environment?: Readonly<Record<string, unknown>>;
}

/** A `rabbitmq` event, after the framework has checked it against its own schema. */
export interface RabbitmqEvent {
  readonly arn: unknown;
  readonly queue: string;
  readonly virtualHost?: string;
  readonly batchSize?: number;
  readonly maximumBatchingWindow?: number;
  readonly enabled?: boolean;
  readonly filterPatterns?: readonly unknown[];
}

export interface Naming {
  getRabbitMQEventLogicalId(functionKey: string, queue: string): string;
}

/** The framework's way to print; it keeps stdout for results. */
export interface Print {
  notice(text: string): void;
  warning(text: string): void;
  error(text: string): void;
}
