import * as $protobuf from "protobufjs";
import Long = require("long");

/** Namespace atalaia. */
export namespace atalaia {

    /** Namespace relay. */
    namespace relay {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of an AgentMessage.
             * @deprecated Use atalaia.relay.v1.AgentMessage.$Properties instead.
             */
            interface IAgentMessage extends atalaia.relay.v1.AgentMessage.$Properties {
            }

            /** Represents an AgentMessage. */
            class AgentMessage {

                /**
                 * Constructs a new AgentMessage.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.AgentMessage.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** AgentMessage hello. */
                hello?: (atalaia.relay.v1.Hello.$Properties|null);

                /** AgentMessage batch. */
                batch?: (atalaia.relay.v1.Batch.$Properties|null);

                /** AgentMessage lost. */
                lost?: (atalaia.relay.v1.Lost.$Properties|null);

                /** AgentMessage heartbeat. */
                heartbeat?: (atalaia.relay.v1.Heartbeat.$Properties|null);

                /** AgentMessage body. */
                body?: ("hello"|"batch"|"lost"|"heartbeat");

                /**
                 * Creates a new AgentMessage instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns AgentMessage instance
                 */
                static create(properties: atalaia.relay.v1.AgentMessage.$Shape): atalaia.relay.v1.AgentMessage & atalaia.relay.v1.AgentMessage.$Shape;
                static create(properties?: atalaia.relay.v1.AgentMessage.$Properties): atalaia.relay.v1.AgentMessage;

                /**
                 * Encodes the specified AgentMessage message. Does not implicitly {@link atalaia.relay.v1.AgentMessage.verify|verify} messages.
                 * @param message AgentMessage message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.AgentMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an AgentMessage message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.AgentMessage & atalaia.relay.v1.AgentMessage.$Shape} AgentMessage
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.AgentMessage & atalaia.relay.v1.AgentMessage.$Shape;
            }

            namespace AgentMessage {

                /** Properties of an AgentMessage. */
                interface $Properties {

                    /** AgentMessage hello */
                    hello?: (atalaia.relay.v1.Hello.$Properties|null);

                    /** AgentMessage batch */
                    batch?: (atalaia.relay.v1.Batch.$Properties|null);

                    /** AgentMessage lost */
                    lost?: (atalaia.relay.v1.Lost.$Properties|null);

                    /** AgentMessage heartbeat */
                    heartbeat?: (atalaia.relay.v1.Heartbeat.$Properties|null);

                    /** AgentMessage body */
                    body?: ("hello"|"batch"|"lost"|"heartbeat");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of an AgentMessage. */
                type $Shape = {
                  hello?: atalaia.relay.v1.Hello.$Shape|null;
                  batch?: atalaia.relay.v1.Batch.$Shape|null;
                  lost?: atalaia.relay.v1.Lost.$Shape|null;
                  heartbeat?: atalaia.relay.v1.Heartbeat.$Shape|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ body?: undefined; hello?: null; batch?: null; lost?: null; heartbeat?: null }|{ body?: "hello"; hello: atalaia.relay.v1.Hello.$Shape; batch?: null; lost?: null; heartbeat?: null }|{ body?: "batch"; hello?: null; batch: atalaia.relay.v1.Batch.$Shape; lost?: null; heartbeat?: null }|{ body?: "lost"; hello?: null; batch?: null; lost: atalaia.relay.v1.Lost.$Shape; heartbeat?: null }|{ body?: "heartbeat"; hello?: null; batch?: null; lost?: null; heartbeat: atalaia.relay.v1.Heartbeat.$Shape })
                );
            }

            /**
             * Properties of a HubMessage.
             * @deprecated Use atalaia.relay.v1.HubMessage.$Properties instead.
             */
            interface IHubMessage extends atalaia.relay.v1.HubMessage.$Properties {
            }

            /** Represents a HubMessage. */
            class HubMessage {

                /**
                 * Constructs a new HubMessage.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.HubMessage.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** HubMessage welcome. */
                welcome?: (atalaia.relay.v1.Welcome.$Properties|null);

                /** HubMessage ack. */
                ack?: (atalaia.relay.v1.Ack.$Properties|null);

                /** HubMessage busy. */
                busy?: (atalaia.relay.v1.Busy.$Properties|null);

                /** HubMessage refusal. */
                refusal?: (atalaia.relay.v1.Refusal.$Properties|null);

                /** HubMessage body. */
                body?: ("welcome"|"ack"|"busy"|"refusal");

                /**
                 * Creates a new HubMessage instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns HubMessage instance
                 */
                static create(properties: atalaia.relay.v1.HubMessage.$Shape): atalaia.relay.v1.HubMessage & atalaia.relay.v1.HubMessage.$Shape;
                static create(properties?: atalaia.relay.v1.HubMessage.$Properties): atalaia.relay.v1.HubMessage;

                /**
                 * Encodes the specified HubMessage message. Does not implicitly {@link atalaia.relay.v1.HubMessage.verify|verify} messages.
                 * @param message HubMessage message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.HubMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a HubMessage message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.HubMessage & atalaia.relay.v1.HubMessage.$Shape} HubMessage
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.HubMessage & atalaia.relay.v1.HubMessage.$Shape;
            }

            namespace HubMessage {

                /** Properties of a HubMessage. */
                interface $Properties {

                    /** HubMessage welcome */
                    welcome?: (atalaia.relay.v1.Welcome.$Properties|null);

                    /** HubMessage ack */
                    ack?: (atalaia.relay.v1.Ack.$Properties|null);

                    /** HubMessage busy */
                    busy?: (atalaia.relay.v1.Busy.$Properties|null);

                    /** HubMessage refusal */
                    refusal?: (atalaia.relay.v1.Refusal.$Properties|null);

                    /** HubMessage body */
                    body?: ("welcome"|"ack"|"busy"|"refusal");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a HubMessage. */
                type $Shape = {
                  welcome?: atalaia.relay.v1.Welcome.$Shape|null;
                  ack?: atalaia.relay.v1.Ack.$Shape|null;
                  busy?: atalaia.relay.v1.Busy.$Shape|null;
                  refusal?: atalaia.relay.v1.Refusal.$Shape|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ body?: undefined; welcome?: null; ack?: null; busy?: null; refusal?: null }|{ body?: "welcome"; welcome: atalaia.relay.v1.Welcome.$Shape; ack?: null; busy?: null; refusal?: null }|{ body?: "ack"; welcome?: null; ack: atalaia.relay.v1.Ack.$Shape; busy?: null; refusal?: null }|{ body?: "busy"; welcome?: null; ack?: null; busy: atalaia.relay.v1.Busy.$Shape; refusal?: null }|{ body?: "refusal"; welcome?: null; ack?: null; busy?: null; refusal: atalaia.relay.v1.Refusal.$Shape })
                );
            }

            /** Lane enum. */
            enum Lane {

                /** LANE_UNSPECIFIED value */
                LANE_UNSPECIFIED = 0,

                /** LANE_FIRST value */
                LANE_FIRST = 1,

                /** LANE_NORMAL value */
                LANE_NORMAL = 2
            }

            /**
             * Properties of a Hello.
             * @deprecated Use atalaia.relay.v1.Hello.$Properties instead.
             */
            interface IHello extends atalaia.relay.v1.Hello.$Properties {
            }

            /** Represents a Hello. */
            class Hello {

                /**
                 * Constructs a new Hello.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.Hello.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Hello protocolVersion. */
                protocolVersion: number;

                /** Hello lanes. */
                lanes: atalaia.relay.v1.LaneState.$Properties[];

                /** Hello capabilities. */
                capabilities: string[];

                /** Hello agentClockMs. */
                agentClockMs: number;

                /** Hello policyHash. */
                policyHash: Uint8Array;

                /** Hello agentVersion. */
                agentVersion: string;

                /** Hello hostName. */
                hostName: string;

                /** Hello sources. */
                sources: atalaia.relay.v1.SourceState.$Properties[];

                /**
                 * Creates a new Hello instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Hello instance
                 */
                static create(properties: atalaia.relay.v1.Hello.$Shape): atalaia.relay.v1.Hello & atalaia.relay.v1.Hello.$Shape;
                static create(properties?: atalaia.relay.v1.Hello.$Properties): atalaia.relay.v1.Hello;

                /**
                 * Encodes the specified Hello message. Does not implicitly {@link atalaia.relay.v1.Hello.verify|verify} messages.
                 * @param message Hello message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.Hello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Hello message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Hello & atalaia.relay.v1.Hello.$Shape} Hello
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.Hello & atalaia.relay.v1.Hello.$Shape;
            }

            namespace Hello {

                /** Properties of a Hello. */
                interface $Properties {

                    /** Hello protocolVersion */
                    protocolVersion?: (number|null);

                    /** Hello lanes */
                    lanes?: (atalaia.relay.v1.LaneState.$Properties[]|null);

                    /** Hello capabilities */
                    capabilities?: (string[]|null);

                    /** Hello agentClockMs */
                    agentClockMs?: (number|null);

                    /** Hello policyHash */
                    policyHash?: (Uint8Array|null);

                    /** Hello agentVersion */
                    agentVersion?: (string|null);

                    /** Hello hostName */
                    hostName?: (string|null);

                    /** Hello sources */
                    sources?: (atalaia.relay.v1.SourceState.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Hello. */
                type $Shape = atalaia.relay.v1.Hello.$Properties;
            }

            /**
             * Properties of a LaneState.
             * @deprecated Use atalaia.relay.v1.LaneState.$Properties instead.
             */
            interface ILaneState extends atalaia.relay.v1.LaneState.$Properties {
            }

            /** Represents a LaneState. */
            class LaneState {

                /**
                 * Constructs a new LaneState.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.LaneState.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** LaneState lane. */
                lane: atalaia.relay.v1.Lane;

                /** LaneState epoch. */
                epoch: Uint8Array;

                /** LaneState oldestSequence. */
                oldestSequence: number;

                /** LaneState nextSequence. */
                nextSequence: number;

                /** LaneState held. */
                held: atalaia.relay.v1.HeldHash.$Properties[];

                /** LaneState damaged. */
                damaged: boolean;

                /**
                 * Creates a new LaneState instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns LaneState instance
                 */
                static create(properties: atalaia.relay.v1.LaneState.$Shape): atalaia.relay.v1.LaneState & atalaia.relay.v1.LaneState.$Shape;
                static create(properties?: atalaia.relay.v1.LaneState.$Properties): atalaia.relay.v1.LaneState;

                /**
                 * Encodes the specified LaneState message. Does not implicitly {@link atalaia.relay.v1.LaneState.verify|verify} messages.
                 * @param message LaneState message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.LaneState.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a LaneState message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.LaneState & atalaia.relay.v1.LaneState.$Shape} LaneState
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.LaneState & atalaia.relay.v1.LaneState.$Shape;
            }

            namespace LaneState {

                /** Properties of a LaneState. */
                interface $Properties {

                    /** LaneState lane */
                    lane?: (atalaia.relay.v1.Lane|null);

                    /** LaneState epoch */
                    epoch?: (Uint8Array|null);

                    /** LaneState oldestSequence */
                    oldestSequence?: (number|null);

                    /** LaneState nextSequence */
                    nextSequence?: (number|null);

                    /** LaneState held */
                    held?: (atalaia.relay.v1.HeldHash.$Properties[]|null);

                    /** LaneState damaged */
                    damaged?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a LaneState. */
                type $Shape = atalaia.relay.v1.LaneState.$Properties;
            }

            /**
             * Properties of a HeldHash.
             * @deprecated Use atalaia.relay.v1.HeldHash.$Properties instead.
             */
            interface IHeldHash extends atalaia.relay.v1.HeldHash.$Properties {
            }

            /** Represents a HeldHash. */
            class HeldHash {

                /**
                 * Constructs a new HeldHash.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.HeldHash.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** HeldHash sequence. */
                sequence: number;

                /** HeldHash hash. */
                hash: Uint8Array;

                /**
                 * Creates a new HeldHash instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns HeldHash instance
                 */
                static create(properties: atalaia.relay.v1.HeldHash.$Shape): atalaia.relay.v1.HeldHash & atalaia.relay.v1.HeldHash.$Shape;
                static create(properties?: atalaia.relay.v1.HeldHash.$Properties): atalaia.relay.v1.HeldHash;

                /**
                 * Encodes the specified HeldHash message. Does not implicitly {@link atalaia.relay.v1.HeldHash.verify|verify} messages.
                 * @param message HeldHash message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.HeldHash.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a HeldHash message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.HeldHash & atalaia.relay.v1.HeldHash.$Shape} HeldHash
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.HeldHash & atalaia.relay.v1.HeldHash.$Shape;
            }

            namespace HeldHash {

                /** Properties of a HeldHash. */
                interface $Properties {

                    /** HeldHash sequence */
                    sequence?: (number|null);

                    /** HeldHash hash */
                    hash?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a HeldHash. */
                type $Shape = atalaia.relay.v1.HeldHash.$Properties;
            }

            /**
             * Properties of a SourceState.
             * @deprecated Use atalaia.relay.v1.SourceState.$Properties instead.
             */
            interface ISourceState extends atalaia.relay.v1.SourceState.$Properties {
            }

            /** Represents a SourceState. */
            class SourceState {

                /**
                 * Constructs a new SourceState.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.SourceState.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SourceState sourceId. */
                sourceId: string;

                /** SourceState type. */
                type: string;

                /** SourceState linesRead. */
                linesRead: number;

                /** SourceState bytesRead. */
                bytesRead: number;

                /** SourceState lagBytes. */
                lagBytes: number;

                /** SourceState lastReadMs. */
                lastReadMs: number;

                /** SourceState problem. */
                problem: string;

                /**
                 * Creates a new SourceState instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SourceState instance
                 */
                static create(properties: atalaia.relay.v1.SourceState.$Shape): atalaia.relay.v1.SourceState & atalaia.relay.v1.SourceState.$Shape;
                static create(properties?: atalaia.relay.v1.SourceState.$Properties): atalaia.relay.v1.SourceState;

                /**
                 * Encodes the specified SourceState message. Does not implicitly {@link atalaia.relay.v1.SourceState.verify|verify} messages.
                 * @param message SourceState message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.SourceState.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SourceState message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.SourceState & atalaia.relay.v1.SourceState.$Shape} SourceState
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.SourceState & atalaia.relay.v1.SourceState.$Shape;
            }

            namespace SourceState {

                /** Properties of a SourceState. */
                interface $Properties {

                    /** SourceState sourceId */
                    sourceId?: (string|null);

                    /** SourceState type */
                    type?: (string|null);

                    /** SourceState linesRead */
                    linesRead?: (number|null);

                    /** SourceState bytesRead */
                    bytesRead?: (number|null);

                    /** SourceState lagBytes */
                    lagBytes?: (number|null);

                    /** SourceState lastReadMs */
                    lastReadMs?: (number|null);

                    /** SourceState problem */
                    problem?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SourceState. */
                type $Shape = atalaia.relay.v1.SourceState.$Properties;
            }

            /**
             * Properties of a Heartbeat.
             * @deprecated Use atalaia.relay.v1.Heartbeat.$Properties instead.
             */
            interface IHeartbeat extends atalaia.relay.v1.Heartbeat.$Properties {
            }

            /** Represents a Heartbeat. */
            class Heartbeat {

                /**
                 * Constructs a new Heartbeat.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.Heartbeat.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Heartbeat agentClockMs. */
                agentClockMs: number;

                /** Heartbeat sources. */
                sources: atalaia.relay.v1.SourceState.$Properties[];

                /** Heartbeat bufferedBatches. */
                bufferedBatches: number;

                /** Heartbeat bufferedBytes. */
                bufferedBytes: number;

                /**
                 * Creates a new Heartbeat instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Heartbeat instance
                 */
                static create(properties: atalaia.relay.v1.Heartbeat.$Shape): atalaia.relay.v1.Heartbeat & atalaia.relay.v1.Heartbeat.$Shape;
                static create(properties?: atalaia.relay.v1.Heartbeat.$Properties): atalaia.relay.v1.Heartbeat;

                /**
                 * Encodes the specified Heartbeat message. Does not implicitly {@link atalaia.relay.v1.Heartbeat.verify|verify} messages.
                 * @param message Heartbeat message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.Heartbeat.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Heartbeat message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Heartbeat & atalaia.relay.v1.Heartbeat.$Shape} Heartbeat
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.Heartbeat & atalaia.relay.v1.Heartbeat.$Shape;
            }

            namespace Heartbeat {

                /** Properties of a Heartbeat. */
                interface $Properties {

                    /** Heartbeat agentClockMs */
                    agentClockMs?: (number|null);

                    /** Heartbeat sources */
                    sources?: (atalaia.relay.v1.SourceState.$Properties[]|null);

                    /** Heartbeat bufferedBatches */
                    bufferedBatches?: (number|null);

                    /** Heartbeat bufferedBytes */
                    bufferedBytes?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Heartbeat. */
                type $Shape = atalaia.relay.v1.Heartbeat.$Properties;
            }

            /**
             * Properties of a Welcome.
             * @deprecated Use atalaia.relay.v1.Welcome.$Properties instead.
             */
            interface IWelcome extends atalaia.relay.v1.Welcome.$Properties {
            }

            /** Represents a Welcome. */
            class Welcome {

                /**
                 * Constructs a new Welcome.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.Welcome.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Welcome protocolVersion. */
                protocolVersion: number;

                /** Welcome hubId. */
                hubId: Uint8Array;

                /** Welcome incarnation. */
                incarnation: Uint8Array;

                /** Welcome lanes. */
                lanes: atalaia.relay.v1.LaneWelcome.$Properties[];

                /** Welcome credit. */
                credit?: (atalaia.relay.v1.Credit.$Properties|null);

                /** Welcome hubClockMs. */
                hubClockMs: number;

                /**
                 * Creates a new Welcome instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Welcome instance
                 */
                static create(properties: atalaia.relay.v1.Welcome.$Shape): atalaia.relay.v1.Welcome & atalaia.relay.v1.Welcome.$Shape;
                static create(properties?: atalaia.relay.v1.Welcome.$Properties): atalaia.relay.v1.Welcome;

                /**
                 * Encodes the specified Welcome message. Does not implicitly {@link atalaia.relay.v1.Welcome.verify|verify} messages.
                 * @param message Welcome message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.Welcome.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Welcome message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Welcome & atalaia.relay.v1.Welcome.$Shape} Welcome
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.Welcome & atalaia.relay.v1.Welcome.$Shape;
            }

            namespace Welcome {

                /** Properties of a Welcome. */
                interface $Properties {

                    /** Welcome protocolVersion */
                    protocolVersion?: (number|null);

                    /** Welcome hubId */
                    hubId?: (Uint8Array|null);

                    /** Welcome incarnation */
                    incarnation?: (Uint8Array|null);

                    /** Welcome lanes */
                    lanes?: (atalaia.relay.v1.LaneWelcome.$Properties[]|null);

                    /** Welcome credit */
                    credit?: (atalaia.relay.v1.Credit.$Properties|null);

                    /** Welcome hubClockMs */
                    hubClockMs?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Welcome. */
                type $Shape = atalaia.relay.v1.Welcome.$Properties;
            }

            /**
             * Properties of a LaneWelcome.
             * @deprecated Use atalaia.relay.v1.LaneWelcome.$Properties instead.
             */
            interface ILaneWelcome extends atalaia.relay.v1.LaneWelcome.$Properties {
            }

            /** Represents a LaneWelcome. */
            class LaneWelcome {

                /**
                 * Constructs a new LaneWelcome.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.LaneWelcome.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** LaneWelcome lane. */
                lane: atalaia.relay.v1.Lane;

                /** LaneWelcome epoch. */
                epoch: Uint8Array;

                /** LaneWelcome epochKnown. */
                epochKnown: boolean;

                /** LaneWelcome commonSequence. */
                commonSequence: number;

                /** LaneWelcome commonHash. */
                commonHash: Uint8Array;

                /** LaneWelcome parted. */
                parted: boolean;

                /** LaneWelcome positions. */
                positions: atalaia.relay.v1.StreamPosition.$Properties[];

                /**
                 * Creates a new LaneWelcome instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns LaneWelcome instance
                 */
                static create(properties: atalaia.relay.v1.LaneWelcome.$Shape): atalaia.relay.v1.LaneWelcome & atalaia.relay.v1.LaneWelcome.$Shape;
                static create(properties?: atalaia.relay.v1.LaneWelcome.$Properties): atalaia.relay.v1.LaneWelcome;

                /**
                 * Encodes the specified LaneWelcome message. Does not implicitly {@link atalaia.relay.v1.LaneWelcome.verify|verify} messages.
                 * @param message LaneWelcome message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.LaneWelcome.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a LaneWelcome message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.LaneWelcome & atalaia.relay.v1.LaneWelcome.$Shape} LaneWelcome
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.LaneWelcome & atalaia.relay.v1.LaneWelcome.$Shape;
            }

            namespace LaneWelcome {

                /** Properties of a LaneWelcome. */
                interface $Properties {

                    /** LaneWelcome lane */
                    lane?: (atalaia.relay.v1.Lane|null);

                    /** LaneWelcome epoch */
                    epoch?: (Uint8Array|null);

                    /** LaneWelcome epochKnown */
                    epochKnown?: (boolean|null);

                    /** LaneWelcome commonSequence */
                    commonSequence?: (number|null);

                    /** LaneWelcome commonHash */
                    commonHash?: (Uint8Array|null);

                    /** LaneWelcome parted */
                    parted?: (boolean|null);

                    /** LaneWelcome positions */
                    positions?: (atalaia.relay.v1.StreamPosition.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a LaneWelcome. */
                type $Shape = atalaia.relay.v1.LaneWelcome.$Properties;
            }

            /**
             * Properties of a StreamPosition.
             * @deprecated Use atalaia.relay.v1.StreamPosition.$Properties instead.
             */
            interface IStreamPosition extends atalaia.relay.v1.StreamPosition.$Properties {
            }

            /** Represents a StreamPosition. */
            class StreamPosition {

                /**
                 * Constructs a new StreamPosition.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.StreamPosition.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** StreamPosition sourceId. */
                sourceId: string;

                /** StreamPosition streamId. */
                streamId: string;

                /** StreamPosition file. */
                file?: (atalaia.relay.v1.FileIdentity.$Properties|null);

                /** StreamPosition offset. */
                offset: number;

                /** StreamPosition lineNumber. */
                lineNumber: number;

                /** StreamPosition tailHash. */
                tailHash: Uint8Array;

                /** StreamPosition counters. */
                counters?: (atalaia.relay.v1.StreamCounters.$Properties|null);

                /** StreamPosition cursor. */
                cursor: string;

                /**
                 * Creates a new StreamPosition instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns StreamPosition instance
                 */
                static create(properties: atalaia.relay.v1.StreamPosition.$Shape): atalaia.relay.v1.StreamPosition & atalaia.relay.v1.StreamPosition.$Shape;
                static create(properties?: atalaia.relay.v1.StreamPosition.$Properties): atalaia.relay.v1.StreamPosition;

                /**
                 * Encodes the specified StreamPosition message. Does not implicitly {@link atalaia.relay.v1.StreamPosition.verify|verify} messages.
                 * @param message StreamPosition message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.StreamPosition.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a StreamPosition message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.StreamPosition & atalaia.relay.v1.StreamPosition.$Shape} StreamPosition
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.StreamPosition & atalaia.relay.v1.StreamPosition.$Shape;
            }

            namespace StreamPosition {

                /** Properties of a StreamPosition. */
                interface $Properties {

                    /** StreamPosition sourceId */
                    sourceId?: (string|null);

                    /** StreamPosition streamId */
                    streamId?: (string|null);

                    /** StreamPosition file */
                    file?: (atalaia.relay.v1.FileIdentity.$Properties|null);

                    /** StreamPosition offset */
                    offset?: (number|null);

                    /** StreamPosition lineNumber */
                    lineNumber?: (number|null);

                    /** StreamPosition tailHash */
                    tailHash?: (Uint8Array|null);

                    /** StreamPosition counters */
                    counters?: (atalaia.relay.v1.StreamCounters.$Properties|null);

                    /** StreamPosition cursor */
                    cursor?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a StreamPosition. */
                type $Shape = atalaia.relay.v1.StreamPosition.$Properties;
            }

            /**
             * Properties of a Credit.
             * @deprecated Use atalaia.relay.v1.Credit.$Properties instead.
             */
            interface ICredit extends atalaia.relay.v1.Credit.$Properties {
            }

            /** Represents a Credit. */
            class Credit {

                /**
                 * Constructs a new Credit.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.Credit.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Credit batches. */
                batches: number;

                /** Credit bytes. */
                bytes: number;

                /**
                 * Creates a new Credit instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Credit instance
                 */
                static create(properties: atalaia.relay.v1.Credit.$Shape): atalaia.relay.v1.Credit & atalaia.relay.v1.Credit.$Shape;
                static create(properties?: atalaia.relay.v1.Credit.$Properties): atalaia.relay.v1.Credit;

                /**
                 * Encodes the specified Credit message. Does not implicitly {@link atalaia.relay.v1.Credit.verify|verify} messages.
                 * @param message Credit message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.Credit.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Credit message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Credit & atalaia.relay.v1.Credit.$Shape} Credit
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.Credit & atalaia.relay.v1.Credit.$Shape;
            }

            namespace Credit {

                /** Properties of a Credit. */
                interface $Properties {

                    /** Credit batches */
                    batches?: (number|null);

                    /** Credit bytes */
                    bytes?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Credit. */
                type $Shape = atalaia.relay.v1.Credit.$Properties;
            }

            /**
             * Properties of a Batch.
             * @deprecated Use atalaia.relay.v1.Batch.$Properties instead.
             */
            interface IBatch extends atalaia.relay.v1.Batch.$Properties {
            }

            /** Represents a Batch. */
            class Batch {

                /**
                 * Constructs a new Batch.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.Batch.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Batch lane. */
                lane: atalaia.relay.v1.Lane;

                /** Batch epoch. */
                epoch: Uint8Array;

                /** Batch sequence. */
                sequence: number;

                /** Batch hash. */
                hash: Uint8Array;

                /** Batch body. */
                body: Uint8Array;

                /**
                 * Creates a new Batch instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Batch instance
                 */
                static create(properties: atalaia.relay.v1.Batch.$Shape): atalaia.relay.v1.Batch & atalaia.relay.v1.Batch.$Shape;
                static create(properties?: atalaia.relay.v1.Batch.$Properties): atalaia.relay.v1.Batch;

                /**
                 * Encodes the specified Batch message. Does not implicitly {@link atalaia.relay.v1.Batch.verify|verify} messages.
                 * @param message Batch message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.Batch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Batch message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Batch & atalaia.relay.v1.Batch.$Shape} Batch
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.Batch & atalaia.relay.v1.Batch.$Shape;
            }

            namespace Batch {

                /** Properties of a Batch. */
                interface $Properties {

                    /** Batch lane */
                    lane?: (atalaia.relay.v1.Lane|null);

                    /** Batch epoch */
                    epoch?: (Uint8Array|null);

                    /** Batch sequence */
                    sequence?: (number|null);

                    /** Batch hash */
                    hash?: (Uint8Array|null);

                    /** Batch body */
                    body?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Batch. */
                type $Shape = atalaia.relay.v1.Batch.$Properties;
            }

            /**
             * Properties of a BatchBody.
             * @deprecated Use atalaia.relay.v1.BatchBody.$Properties instead.
             */
            interface IBatchBody extends atalaia.relay.v1.BatchBody.$Properties {
            }

            /** Represents a BatchBody. */
            class BatchBody {

                /**
                 * Constructs a new BatchBody.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.BatchBody.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** BatchBody streams. */
                streams: atalaia.relay.v1.StreamEntry.$Properties[];

                /** BatchBody lineCount. */
                lineCount: number;

                /** BatchBody rawBytes. */
                rawBytes: number;

                /** BatchBody lines. */
                lines: Uint8Array;

                /**
                 * Creates a new BatchBody instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns BatchBody instance
                 */
                static create(properties: atalaia.relay.v1.BatchBody.$Shape): atalaia.relay.v1.BatchBody & atalaia.relay.v1.BatchBody.$Shape;
                static create(properties?: atalaia.relay.v1.BatchBody.$Properties): atalaia.relay.v1.BatchBody;

                /**
                 * Encodes the specified BatchBody message. Does not implicitly {@link atalaia.relay.v1.BatchBody.verify|verify} messages.
                 * @param message BatchBody message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.BatchBody.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a BatchBody message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.BatchBody & atalaia.relay.v1.BatchBody.$Shape} BatchBody
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.BatchBody & atalaia.relay.v1.BatchBody.$Shape;
            }

            namespace BatchBody {

                /** Properties of a BatchBody. */
                interface $Properties {

                    /** BatchBody streams */
                    streams?: (atalaia.relay.v1.StreamEntry.$Properties[]|null);

                    /** BatchBody lineCount */
                    lineCount?: (number|null);

                    /** BatchBody rawBytes */
                    rawBytes?: (number|null);

                    /** BatchBody lines */
                    lines?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a BatchBody. */
                type $Shape = atalaia.relay.v1.BatchBody.$Properties;
            }

            /**
             * Properties of a FileIdentity.
             * @deprecated Use atalaia.relay.v1.FileIdentity.$Properties instead.
             */
            interface IFileIdentity extends atalaia.relay.v1.FileIdentity.$Properties {
            }

            /** Represents a FileIdentity. */
            class FileIdentity {

                /**
                 * Constructs a new FileIdentity.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.FileIdentity.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** FileIdentity device. */
                device: number;

                /** FileIdentity inode. */
                inode: number;

                /** FileIdentity fingerprint. */
                fingerprint: Uint8Array;

                /** FileIdentity fingerprintBytes. */
                fingerprintBytes: number;

                /**
                 * Creates a new FileIdentity instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns FileIdentity instance
                 */
                static create(properties: atalaia.relay.v1.FileIdentity.$Shape): atalaia.relay.v1.FileIdentity & atalaia.relay.v1.FileIdentity.$Shape;
                static create(properties?: atalaia.relay.v1.FileIdentity.$Properties): atalaia.relay.v1.FileIdentity;

                /**
                 * Encodes the specified FileIdentity message. Does not implicitly {@link atalaia.relay.v1.FileIdentity.verify|verify} messages.
                 * @param message FileIdentity message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.FileIdentity.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a FileIdentity message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.FileIdentity & atalaia.relay.v1.FileIdentity.$Shape} FileIdentity
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.FileIdentity & atalaia.relay.v1.FileIdentity.$Shape;
            }

            namespace FileIdentity {

                /** Properties of a FileIdentity. */
                interface $Properties {

                    /** FileIdentity device */
                    device?: (number|null);

                    /** FileIdentity inode */
                    inode?: (number|null);

                    /** FileIdentity fingerprint */
                    fingerprint?: (Uint8Array|null);

                    /** FileIdentity fingerprintBytes */
                    fingerprintBytes?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a FileIdentity. */
                type $Shape = atalaia.relay.v1.FileIdentity.$Properties;
            }

            /**
             * Properties of a StreamEntry.
             * @deprecated Use atalaia.relay.v1.StreamEntry.$Properties instead.
             */
            interface IStreamEntry extends atalaia.relay.v1.StreamEntry.$Properties {
            }

            /** Represents a StreamEntry. */
            class StreamEntry {

                /**
                 * Constructs a new StreamEntry.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.StreamEntry.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** StreamEntry sourceId. */
                sourceId: string;

                /** StreamEntry streamId. */
                streamId: string;

                /** StreamEntry file. */
                file?: (atalaia.relay.v1.FileIdentity.$Properties|null);

                /** StreamEntry path. */
                path: string;

                /** StreamEntry typeHint. */
                typeHint: string;

                /** StreamEntry timeZone. */
                timeZone: string;

                /** StreamEntry labels. */
                labels: { [k: string]: string };

                /** StreamEntry policyHash. */
                policyHash: Uint8Array;

                /** StreamEntry isTrimmed. */
                isTrimmed: boolean;

                /** StreamEntry endOffset. */
                endOffset: number;

                /** StreamEntry endLineNumber. */
                endLineNumber: number;

                /** StreamEntry tailHash. */
                tailHash: Uint8Array;

                /** StreamEntry tailBytes. */
                tailBytes: number;

                /** StreamEntry counters. */
                counters?: (atalaia.relay.v1.StreamCounters.$Properties|null);

                /** StreamEntry cursor. */
                cursor: string;

                /**
                 * Creates a new StreamEntry instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns StreamEntry instance
                 */
                static create(properties: atalaia.relay.v1.StreamEntry.$Shape): atalaia.relay.v1.StreamEntry & atalaia.relay.v1.StreamEntry.$Shape;
                static create(properties?: atalaia.relay.v1.StreamEntry.$Properties): atalaia.relay.v1.StreamEntry;

                /**
                 * Encodes the specified StreamEntry message. Does not implicitly {@link atalaia.relay.v1.StreamEntry.verify|verify} messages.
                 * @param message StreamEntry message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.StreamEntry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a StreamEntry message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.StreamEntry & atalaia.relay.v1.StreamEntry.$Shape} StreamEntry
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.StreamEntry & atalaia.relay.v1.StreamEntry.$Shape;
            }

            namespace StreamEntry {

                /** Properties of a StreamEntry. */
                interface $Properties {

                    /** StreamEntry sourceId */
                    sourceId?: (string|null);

                    /** StreamEntry streamId */
                    streamId?: (string|null);

                    /** StreamEntry file */
                    file?: (atalaia.relay.v1.FileIdentity.$Properties|null);

                    /** StreamEntry path */
                    path?: (string|null);

                    /** StreamEntry typeHint */
                    typeHint?: (string|null);

                    /** StreamEntry timeZone */
                    timeZone?: (string|null);

                    /** StreamEntry labels */
                    labels?: ({ [k: string]: string }|null);

                    /** StreamEntry policyHash */
                    policyHash?: (Uint8Array|null);

                    /** StreamEntry isTrimmed */
                    isTrimmed?: (boolean|null);

                    /** StreamEntry endOffset */
                    endOffset?: (number|null);

                    /** StreamEntry endLineNumber */
                    endLineNumber?: (number|null);

                    /** StreamEntry tailHash */
                    tailHash?: (Uint8Array|null);

                    /** StreamEntry tailBytes */
                    tailBytes?: (number|null);

                    /** StreamEntry counters */
                    counters?: (atalaia.relay.v1.StreamCounters.$Properties|null);

                    /** StreamEntry cursor */
                    cursor?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a StreamEntry. */
                type $Shape = atalaia.relay.v1.StreamEntry.$Properties;
            }

            /**
             * Properties of a StreamCounters.
             * @deprecated Use atalaia.relay.v1.StreamCounters.$Properties instead.
             */
            interface IStreamCounters extends atalaia.relay.v1.StreamCounters.$Properties {
            }

            /** Represents a StreamCounters. */
            class StreamCounters {

                /**
                 * Constructs a new StreamCounters.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.StreamCounters.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** StreamCounters linesRead. */
                linesRead: number;

                /** StreamCounters linesFiltered. */
                linesFiltered: number;

                /** StreamCounters linesTrimmed. */
                linesTrimmed: number;

                /** StreamCounters linesCut. */
                linesCut: number;

                /** StreamCounters bytesRead. */
                bytesRead: number;

                /** StreamCounters bytesKept. */
                bytesKept: number;

                /** StreamCounters linesDropped. */
                linesDropped: { [k: string]: number };

                /**
                 * Creates a new StreamCounters instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns StreamCounters instance
                 */
                static create(properties: atalaia.relay.v1.StreamCounters.$Shape): atalaia.relay.v1.StreamCounters & atalaia.relay.v1.StreamCounters.$Shape;
                static create(properties?: atalaia.relay.v1.StreamCounters.$Properties): atalaia.relay.v1.StreamCounters;

                /**
                 * Encodes the specified StreamCounters message. Does not implicitly {@link atalaia.relay.v1.StreamCounters.verify|verify} messages.
                 * @param message StreamCounters message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.StreamCounters.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a StreamCounters message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.StreamCounters & atalaia.relay.v1.StreamCounters.$Shape} StreamCounters
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.StreamCounters & atalaia.relay.v1.StreamCounters.$Shape;
            }

            namespace StreamCounters {

                /** Properties of a StreamCounters. */
                interface $Properties {

                    /** StreamCounters linesRead */
                    linesRead?: (number|null);

                    /** StreamCounters linesFiltered */
                    linesFiltered?: (number|null);

                    /** StreamCounters linesTrimmed */
                    linesTrimmed?: (number|null);

                    /** StreamCounters linesCut */
                    linesCut?: (number|null);

                    /** StreamCounters bytesRead */
                    bytesRead?: (number|null);

                    /** StreamCounters bytesKept */
                    bytesKept?: (number|null);

                    /** StreamCounters linesDropped */
                    linesDropped?: ({ [k: string]: number }|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a StreamCounters. */
                type $Shape = atalaia.relay.v1.StreamCounters.$Properties;
            }

            /**
             * Properties of a Lines.
             * @deprecated Use atalaia.relay.v1.Lines.$Properties instead.
             */
            interface ILines extends atalaia.relay.v1.Lines.$Properties {
            }

            /** Represents a Lines. */
            class Lines {

                /**
                 * Constructs a new Lines.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.Lines.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Lines runs. */
                runs: atalaia.relay.v1.Run.$Properties[];

                /**
                 * Creates a new Lines instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Lines instance
                 */
                static create(properties: atalaia.relay.v1.Lines.$Shape): atalaia.relay.v1.Lines & atalaia.relay.v1.Lines.$Shape;
                static create(properties?: atalaia.relay.v1.Lines.$Properties): atalaia.relay.v1.Lines;

                /**
                 * Encodes the specified Lines message. Does not implicitly {@link atalaia.relay.v1.Lines.verify|verify} messages.
                 * @param message Lines message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.Lines.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Lines message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Lines & atalaia.relay.v1.Lines.$Shape} Lines
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.Lines & atalaia.relay.v1.Lines.$Shape;
            }

            namespace Lines {

                /** Properties of a Lines. */
                interface $Properties {

                    /** Lines runs */
                    runs?: (atalaia.relay.v1.Run.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Lines. */
                type $Shape = atalaia.relay.v1.Lines.$Properties;
            }

            /**
             * Properties of a Run.
             * @deprecated Use atalaia.relay.v1.Run.$Properties instead.
             */
            interface IRun extends atalaia.relay.v1.Run.$Properties {
            }

            /** Represents a Run. */
            class Run {

                /**
                 * Constructs a new Run.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.Run.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Run stream. */
                stream: number;

                /** Run readAtMs. */
                readAtMs: number;

                /** Run firstOffset. */
                firstOffset: number;

                /** Run text. */
                text: Uint8Array;

                /** Run lengths. */
                lengths: number[];

                /** Run offsetSteps. */
                offsetSteps: number[];

                /** Run cut. */
                cut: number[];

                /**
                 * Creates a new Run instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Run instance
                 */
                static create(properties: atalaia.relay.v1.Run.$Shape): atalaia.relay.v1.Run & atalaia.relay.v1.Run.$Shape;
                static create(properties?: atalaia.relay.v1.Run.$Properties): atalaia.relay.v1.Run;

                /**
                 * Encodes the specified Run message. Does not implicitly {@link atalaia.relay.v1.Run.verify|verify} messages.
                 * @param message Run message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.Run.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Run message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Run & atalaia.relay.v1.Run.$Shape} Run
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.Run & atalaia.relay.v1.Run.$Shape;
            }

            namespace Run {

                /** Properties of a Run. */
                interface $Properties {

                    /** Run stream */
                    stream?: (number|null);

                    /** Run readAtMs */
                    readAtMs?: (number|null);

                    /** Run firstOffset */
                    firstOffset?: (number|null);

                    /** Run text */
                    text?: (Uint8Array|null);

                    /** Run lengths */
                    lengths?: (number[]|null);

                    /** Run offsetSteps */
                    offsetSteps?: (number[]|null);

                    /** Run cut */
                    cut?: (number[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Run. */
                type $Shape = atalaia.relay.v1.Run.$Properties;
            }

            /**
             * Properties of a Lost.
             * @deprecated Use atalaia.relay.v1.Lost.$Properties instead.
             */
            interface ILost extends atalaia.relay.v1.Lost.$Properties {
            }

            /** Represents a Lost. */
            class Lost {

                /**
                 * Constructs a new Lost.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.Lost.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Lost lane. */
                lane: atalaia.relay.v1.Lane;

                /** Lost epoch. */
                epoch: Uint8Array;

                /** Lost from. */
                from: number;

                /** Lost to. */
                to: number;

                /** Lost hash. */
                hash: Uint8Array;

                /** Lost reason. */
                reason: string;

                /** Lost streams. */
                streams: atalaia.relay.v1.StreamEntry.$Properties[];

                /**
                 * Creates a new Lost instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Lost instance
                 */
                static create(properties: atalaia.relay.v1.Lost.$Shape): atalaia.relay.v1.Lost & atalaia.relay.v1.Lost.$Shape;
                static create(properties?: atalaia.relay.v1.Lost.$Properties): atalaia.relay.v1.Lost;

                /**
                 * Encodes the specified Lost message. Does not implicitly {@link atalaia.relay.v1.Lost.verify|verify} messages.
                 * @param message Lost message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.Lost.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Lost message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Lost & atalaia.relay.v1.Lost.$Shape} Lost
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.Lost & atalaia.relay.v1.Lost.$Shape;
            }

            namespace Lost {

                /** Properties of a Lost. */
                interface $Properties {

                    /** Lost lane */
                    lane?: (atalaia.relay.v1.Lane|null);

                    /** Lost epoch */
                    epoch?: (Uint8Array|null);

                    /** Lost from */
                    from?: (number|null);

                    /** Lost to */
                    to?: (number|null);

                    /** Lost hash */
                    hash?: (Uint8Array|null);

                    /** Lost reason */
                    reason?: (string|null);

                    /** Lost streams */
                    streams?: (atalaia.relay.v1.StreamEntry.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Lost. */
                type $Shape = atalaia.relay.v1.Lost.$Properties;
            }

            /**
             * Properties of an Ack.
             * @deprecated Use atalaia.relay.v1.Ack.$Properties instead.
             */
            interface IAck extends atalaia.relay.v1.Ack.$Properties {
            }

            /** Represents an Ack. */
            class Ack {

                /**
                 * Constructs a new Ack.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.Ack.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Ack lane. */
                lane: atalaia.relay.v1.Lane;

                /** Ack epoch. */
                epoch: Uint8Array;

                /** Ack sequence. */
                sequence: number;

                /** Ack hash. */
                hash: Uint8Array;

                /** Ack credit. */
                credit?: (atalaia.relay.v1.Credit.$Properties|null);

                /** Ack clocks. */
                clocks?: (atalaia.relay.v1.Clocks.$Properties|null);

                /**
                 * Creates a new Ack instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Ack instance
                 */
                static create(properties: atalaia.relay.v1.Ack.$Shape): atalaia.relay.v1.Ack & atalaia.relay.v1.Ack.$Shape;
                static create(properties?: atalaia.relay.v1.Ack.$Properties): atalaia.relay.v1.Ack;

                /**
                 * Encodes the specified Ack message. Does not implicitly {@link atalaia.relay.v1.Ack.verify|verify} messages.
                 * @param message Ack message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.Ack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Ack message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Ack & atalaia.relay.v1.Ack.$Shape} Ack
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.Ack & atalaia.relay.v1.Ack.$Shape;
            }

            namespace Ack {

                /** Properties of an Ack. */
                interface $Properties {

                    /** Ack lane */
                    lane?: (atalaia.relay.v1.Lane|null);

                    /** Ack epoch */
                    epoch?: (Uint8Array|null);

                    /** Ack sequence */
                    sequence?: (number|null);

                    /** Ack hash */
                    hash?: (Uint8Array|null);

                    /** Ack credit */
                    credit?: (atalaia.relay.v1.Credit.$Properties|null);

                    /** Ack clocks */
                    clocks?: (atalaia.relay.v1.Clocks.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Ack. */
                type $Shape = atalaia.relay.v1.Ack.$Properties;
            }

            /**
             * Properties of a Busy.
             * @deprecated Use atalaia.relay.v1.Busy.$Properties instead.
             */
            interface IBusy extends atalaia.relay.v1.Busy.$Properties {
            }

            /** Represents a Busy. */
            class Busy {

                /**
                 * Constructs a new Busy.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.Busy.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Busy credit. */
                credit?: (atalaia.relay.v1.Credit.$Properties|null);

                /** Busy reason. */
                reason: string;

                /** Busy clocks. */
                clocks?: (atalaia.relay.v1.Clocks.$Properties|null);

                /**
                 * Creates a new Busy instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Busy instance
                 */
                static create(properties: atalaia.relay.v1.Busy.$Shape): atalaia.relay.v1.Busy & atalaia.relay.v1.Busy.$Shape;
                static create(properties?: atalaia.relay.v1.Busy.$Properties): atalaia.relay.v1.Busy;

                /**
                 * Encodes the specified Busy message. Does not implicitly {@link atalaia.relay.v1.Busy.verify|verify} messages.
                 * @param message Busy message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.Busy.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Busy message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Busy & atalaia.relay.v1.Busy.$Shape} Busy
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.Busy & atalaia.relay.v1.Busy.$Shape;
            }

            namespace Busy {

                /** Properties of a Busy. */
                interface $Properties {

                    /** Busy credit */
                    credit?: (atalaia.relay.v1.Credit.$Properties|null);

                    /** Busy reason */
                    reason?: (string|null);

                    /** Busy clocks */
                    clocks?: (atalaia.relay.v1.Clocks.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Busy. */
                type $Shape = atalaia.relay.v1.Busy.$Properties;
            }

            /**
             * Properties of a Clocks.
             * @deprecated Use atalaia.relay.v1.Clocks.$Properties instead.
             */
            interface IClocks extends atalaia.relay.v1.Clocks.$Properties {
            }

            /** Represents a Clocks. */
            class Clocks {

                /**
                 * Constructs a new Clocks.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.Clocks.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Clocks hubClockMs. */
                hubClockMs: number;

                /** Clocks agentClockMs. */
                agentClockMs: number;

                /**
                 * Creates a new Clocks instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Clocks instance
                 */
                static create(properties: atalaia.relay.v1.Clocks.$Shape): atalaia.relay.v1.Clocks & atalaia.relay.v1.Clocks.$Shape;
                static create(properties?: atalaia.relay.v1.Clocks.$Properties): atalaia.relay.v1.Clocks;

                /**
                 * Encodes the specified Clocks message. Does not implicitly {@link atalaia.relay.v1.Clocks.verify|verify} messages.
                 * @param message Clocks message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.Clocks.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Clocks message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Clocks & atalaia.relay.v1.Clocks.$Shape} Clocks
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.Clocks & atalaia.relay.v1.Clocks.$Shape;
            }

            namespace Clocks {

                /** Properties of a Clocks. */
                interface $Properties {

                    /** Clocks hubClockMs */
                    hubClockMs?: (number|null);

                    /** Clocks agentClockMs */
                    agentClockMs?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Clocks. */
                type $Shape = atalaia.relay.v1.Clocks.$Properties;
            }

            /** RefusalCode enum. */
            enum RefusalCode {

                /** REFUSAL_UNSPECIFIED value */
                REFUSAL_UNSPECIFIED = 0,

                /** REFUSAL_NOT_AUTHORISED value */
                REFUSAL_NOT_AUTHORISED = 1,

                /** REFUSAL_BACK_OFF value */
                REFUSAL_BACK_OFF = 2,

                /** REFUSAL_PROTOCOL value */
                REFUSAL_PROTOCOL = 3,

                /** REFUSAL_SUPERSEDED value */
                REFUSAL_SUPERSEDED = 4,

                /** REFUSAL_UNKNOWN_VERSION value */
                REFUSAL_UNKNOWN_VERSION = 5
            }

            /**
             * Properties of a Refusal.
             * @deprecated Use atalaia.relay.v1.Refusal.$Properties instead.
             */
            interface IRefusal extends atalaia.relay.v1.Refusal.$Properties {
            }

            /** Represents a Refusal. */
            class Refusal {

                /**
                 * Constructs a new Refusal.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: atalaia.relay.v1.Refusal.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Refusal code. */
                code: atalaia.relay.v1.RefusalCode;

                /** Refusal detail. */
                detail: string;

                /** Refusal retryAfterMs. */
                retryAfterMs: number;

                /**
                 * Creates a new Refusal instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Refusal instance
                 */
                static create(properties: atalaia.relay.v1.Refusal.$Shape): atalaia.relay.v1.Refusal & atalaia.relay.v1.Refusal.$Shape;
                static create(properties?: atalaia.relay.v1.Refusal.$Properties): atalaia.relay.v1.Refusal;

                /**
                 * Encodes the specified Refusal message. Does not implicitly {@link atalaia.relay.v1.Refusal.verify|verify} messages.
                 * @param message Refusal message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: atalaia.relay.v1.Refusal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Refusal message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Refusal & atalaia.relay.v1.Refusal.$Shape} Refusal
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): atalaia.relay.v1.Refusal & atalaia.relay.v1.Refusal.$Shape;
            }

            namespace Refusal {

                /** Properties of a Refusal. */
                interface $Properties {

                    /** Refusal code */
                    code?: (atalaia.relay.v1.RefusalCode|null);

                    /** Refusal detail */
                    detail?: (string|null);

                    /** Refusal retryAfterMs */
                    retryAfterMs?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Refusal. */
                type $Shape = atalaia.relay.v1.Refusal.$Properties;
            }
        }
    }
}
