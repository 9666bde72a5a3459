/** What the plugin reads from the framework, which has no types of its own. */
export interface Serverless {
  readonly serviceDir: string;
  /** The folder of the code: that of a bundler's output, once it exists. */
  readonly config: { readonly servicePath: string };
  readonly service: {
    readonly custom?: Readonly<Record<string, unknown>>;
    readonly provider: ProviderDefaults;
    readonly package?: Packaging;
    getAllFunctions(): string[];
    getFunction(functionKey: string): FunctionDefinition;
  };
  readonly pluginManager: {
    /** By event, such as `before:offline:start`, in the order of the plugins. */
    readonly hooks: Readonly<Record<string, Hook[] | undefined>>;
    spawn(command: string, options: { readonly terminateLifecycleAfterExecution: boolean }): Promise<void>;
  };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  /** The command line. */
  readonly processedInput?: { readonly commands: readonly string[] };
  getProvider(name: 'aws'): { readonly naming: FrameworkNaming };
}

/** One plugin's hook; the name is that of its class. */
export interface Hook {
  readonly pluginName: string;
  readonly hook: () => unknown;
}

/** Every value may be a CloudFormation function instead, which is an object. */
export interface FunctionDefaults {
  readonly memorySize?: number;
  readonly runtime?: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly environment?: Readonly<Record<string, unknown>>;
}

export interface ProviderDefaults extends FunctionDefaults {
  readonly region?: string;
  /** Used by older services; newer ones have it in `iam`. */
  readonly role?: unknown;
  readonly iam?: { readonly role?: unknown };
}

interface Packaging {
  /** A zip file with the code. */
  readonly artifact?: string;
}

export interface FunctionDefinition extends FunctionDefaults {
  readonly name: string;
  /** Missing for a container image. */
  readonly handler?: string;
  readonly image?: unknown;
  readonly role?: unknown;
  readonly package?: Packaging;
  readonly events?: readonly { readonly rabbitmq?: RabbitmqEvent }[];
  environment?: Readonly<Record<string, unknown>>;
  /** For asynchronous invocations. */
  readonly destinations?: unknown;
  readonly onError?: unknown;
  readonly maximumRetryAttempts?: unknown;
  readonly maximumEventAge?: unknown;
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

export interface FrameworkNaming {
  getRabbitMQEventLogicalId(functionKey: string, queue: string): string;
}

/** The framework's own output, which keeps stdout for results. */
export interface Print {
  notice(text: string): void;
  warning(text: string): void;
  error(text: string): void;
}
