/** Made from object-store.proto by examples/object-store/generate.mjs. Do not edit. */
/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["object-store"] || ($protobuf.roots["object-store"] = {});

export const Put = $root.Put = (() => {

    /**
     * Properties of a Put.
     * @typedef {Object} Put.$Properties
     * @property {string|null} [oid] Put oid
     * @property {Uint8Array|null} [sha256] Put sha256
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Put.
     * @exports IPut
     * @interface IPut
     * @augments Put.$Properties
     * @deprecated Use Put.$Properties instead.
     */

    /**
     * Shape of a Put.
     * @typedef {Put.$Properties} Put.$Shape
     */

    /**
     * Constructs a new Put.
     * @exports Put
     * @classdesc Represents a Put.
     * @constructor
     * @param {Put.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Put = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Put oid.
     * @member {string} oid
     * @memberof Put
     * @instance
     */
    Put.prototype.oid = "";

    /**
     * Put sha256.
     * @member {Uint8Array} sha256
     * @memberof Put
     * @instance
     */
    Put.prototype.sha256 = $util.newBuffer([]);

    /**
     * Encodes the specified Put message. Does not implicitly {@link Put.verify|verify} messages.
     * @function encode
     * @memberof Put
     * @static
     * @param {Put.$Properties} message Put message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Put.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.oid != null && $Object.hasOwnProperty.call(message, "oid") && message.oid !== "")
            writer.uint32(/* id 1, wireType 2 =*/10).string(message.oid);
        if (message.sha256 != null && $Object.hasOwnProperty.call(message, "sha256") && message.sha256.length)
            writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.sha256);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Put message from the specified reader or buffer.
     * @function decode
     * @memberof Put
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Put & Put.$Shape} Put
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Put.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.Put();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.oid = value;
                    else
                        delete message.oid;
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.bytes()).length)
                        message.sha256 = value;
                    else
                        delete message.sha256;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    return Put;
})();

export const PutDone = $root.PutDone = (() => {

    /**
     * Properties of a PutDone.
     * @typedef {Object} PutDone.$Properties
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a PutDone.
     * @exports IPutDone
     * @interface IPutDone
     * @augments PutDone.$Properties
     * @deprecated Use PutDone.$Properties instead.
     */

    /**
     * Shape of a PutDone.
     * @typedef {PutDone.$Properties} PutDone.$Shape
     */

    /**
     * Constructs a new PutDone.
     * @exports PutDone
     * @classdesc Represents a PutDone.
     * @constructor
     * @param {PutDone.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const PutDone = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Encodes the specified PutDone message. Does not implicitly {@link PutDone.verify|verify} messages.
     * @function encode
     * @memberof PutDone
     * @static
     * @param {PutDone.$Properties} message PutDone message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    PutDone.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a PutDone message from the specified reader or buffer.
     * @function decode
     * @memberof PutDone
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {PutDone & PutDone.$Shape} PutDone
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    PutDone.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.PutDone();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            reader.skipType(tag & 7, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    return PutDone;
})();

export const Get = $root.Get = (() => {

    /**
     * Properties of a Get.
     * @typedef {Object} Get.$Properties
     * @property {string|null} [oid] Get oid
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Get.
     * @exports IGet
     * @interface IGet
     * @augments Get.$Properties
     * @deprecated Use Get.$Properties instead.
     */

    /**
     * Shape of a Get.
     * @typedef {Get.$Properties} Get.$Shape
     */

    /**
     * Constructs a new Get.
     * @exports Get
     * @classdesc Represents a Get.
     * @constructor
     * @param {Get.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Get = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Get oid.
     * @member {string} oid
     * @memberof Get
     * @instance
     */
    Get.prototype.oid = "";

    /**
     * Encodes the specified Get message. Does not implicitly {@link Get.verify|verify} messages.
     * @function encode
     * @memberof Get
     * @static
     * @param {Get.$Properties} message Get message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Get.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.oid != null && $Object.hasOwnProperty.call(message, "oid") && message.oid !== "")
            writer.uint32(/* id 1, wireType 2 =*/10).string(message.oid);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Get message from the specified reader or buffer.
     * @function decode
     * @memberof Get
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Get & Get.$Shape} Get
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Get.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.Get();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.oid = value;
                    else
                        delete message.oid;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    return Get;
})();

export const Got = $root.Got = (() => {

    /**
     * Properties of a Got.
     * @typedef {Object} Got.$Properties
     * @property {boolean|null} [found] Got found
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Got.
     * @exports IGot
     * @interface IGot
     * @augments Got.$Properties
     * @deprecated Use Got.$Properties instead.
     */

    /**
     * Shape of a Got.
     * @typedef {Got.$Properties} Got.$Shape
     */

    /**
     * Constructs a new Got.
     * @exports Got
     * @classdesc Represents a Got.
     * @constructor
     * @param {Got.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Got = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Got found.
     * @member {boolean} found
     * @memberof Got
     * @instance
     */
    Got.prototype.found = false;

    /**
     * Encodes the specified Got message. Does not implicitly {@link Got.verify|verify} messages.
     * @function encode
     * @memberof Got
     * @static
     * @param {Got.$Properties} message Got message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Got.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.found != null && $Object.hasOwnProperty.call(message, "found") && message.found !== false)
            writer.uint32(/* id 1, wireType 0 =*/8).bool(message.found);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Got message from the specified reader or buffer.
     * @function decode
     * @memberof Got
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Got & Got.$Shape} Got
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Got.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.Got();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.bool())
                        message.found = value;
                    else
                        delete message.found;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    return Got;
})();

export const Replicate = $root.Replicate = (() => {

    /**
     * Properties of a Replicate.
     * @typedef {Object} Replicate.$Properties
     * @property {string|null} [oid] Replicate oid
     * @property {Uint8Array|null} [sha256] Replicate sha256
     * @property {number|null} [number] Replicate number
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Replicate.
     * @exports IReplicate
     * @interface IReplicate
     * @augments Replicate.$Properties
     * @deprecated Use Replicate.$Properties instead.
     */

    /**
     * Shape of a Replicate.
     * @typedef {Replicate.$Properties} Replicate.$Shape
     */

    /**
     * Constructs a new Replicate.
     * @exports Replicate
     * @classdesc Represents a Replicate.
     * @constructor
     * @param {Replicate.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Replicate = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Replicate oid.
     * @member {string} oid
     * @memberof Replicate
     * @instance
     */
    Replicate.prototype.oid = "";

    /**
     * Replicate sha256.
     * @member {Uint8Array} sha256
     * @memberof Replicate
     * @instance
     */
    Replicate.prototype.sha256 = $util.newBuffer([]);

    /**
     * Replicate number.
     * @member {number} number
     * @memberof Replicate
     * @instance
     */
    Replicate.prototype.number = 0;

    /**
     * Encodes the specified Replicate message. Does not implicitly {@link Replicate.verify|verify} messages.
     * @function encode
     * @memberof Replicate
     * @static
     * @param {Replicate.$Properties} message Replicate message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Replicate.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.oid != null && $Object.hasOwnProperty.call(message, "oid") && message.oid !== "")
            writer.uint32(/* id 1, wireType 2 =*/10).string(message.oid);
        if (message.sha256 != null && $Object.hasOwnProperty.call(message, "sha256") && message.sha256.length)
            writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.sha256);
        if (message.number != null && $Object.hasOwnProperty.call(message, "number") && message.number !== 0)
            writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.number);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Replicate message from the specified reader or buffer.
     * @function decode
     * @memberof Replicate
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Replicate & Replicate.$Shape} Replicate
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Replicate.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.Replicate();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.oid = value;
                    else
                        delete message.oid;
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.bytes()).length)
                        message.sha256 = value;
                    else
                        delete message.sha256;
                    continue;
                }
            case 3: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.number = value;
                    else
                        delete message.number;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    return Replicate;
})();

export const Boot = $root.Boot = (() => {

    /**
     * Properties of a Boot.
     * @typedef {Object} Boot.$Properties
     * @property {string|null} [name] Boot name
     * @property {string|null} [address] Boot address
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Boot.
     * @exports IBoot
     * @interface IBoot
     * @augments Boot.$Properties
     * @deprecated Use Boot.$Properties instead.
     */

    /**
     * Shape of a Boot.
     * @typedef {Boot.$Properties} Boot.$Shape
     */

    /**
     * Constructs a new Boot.
     * @exports Boot
     * @classdesc Represents a Boot.
     * @constructor
     * @param {Boot.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Boot = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Boot name.
     * @member {string} name
     * @memberof Boot
     * @instance
     */
    Boot.prototype.name = "";

    /**
     * Boot address.
     * @member {string} address
     * @memberof Boot
     * @instance
     */
    Boot.prototype.address = "";

    /**
     * Encodes the specified Boot message. Does not implicitly {@link Boot.verify|verify} messages.
     * @function encode
     * @memberof Boot
     * @static
     * @param {Boot.$Properties} message Boot message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Boot.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
            writer.uint32(/* id 1, wireType 2 =*/10).string(message.name);
        if (message.address != null && $Object.hasOwnProperty.call(message, "address") && message.address !== "")
            writer.uint32(/* id 2, wireType 2 =*/18).string(message.address);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Boot message from the specified reader or buffer.
     * @function decode
     * @memberof Boot
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Boot & Boot.$Shape} Boot
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Boot.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.Boot();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.name = value;
                    else
                        delete message.name;
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.address = value;
                    else
                        delete message.address;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    return Boot;
})();

export const OsdMap = $root.OsdMap = (() => {

    /**
     * Properties of an OsdMap.
     * @typedef {Object} OsdMap.$Properties
     * @property {number|null} [epoch] OsdMap epoch
     * @property {Array.<OsdMap.Daemon.$Properties>|null} [daemons] OsdMap daemons
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an OsdMap.
     * @exports IOsdMap
     * @interface IOsdMap
     * @augments OsdMap.$Properties
     * @deprecated Use OsdMap.$Properties instead.
     */

    /**
     * Shape of an OsdMap.
     * @typedef {OsdMap.$Properties} OsdMap.$Shape
     */

    /**
     * Constructs a new OsdMap.
     * @exports OsdMap
     * @classdesc Represents an OsdMap.
     * @constructor
     * @param {OsdMap.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const OsdMap = function (properties) {
        this.daemons = [];
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * OsdMap epoch.
     * @member {number} epoch
     * @memberof OsdMap
     * @instance
     */
    OsdMap.prototype.epoch = 0;

    /**
     * OsdMap daemons.
     * @member {Array.<OsdMap.Daemon.$Properties>} daemons
     * @memberof OsdMap
     * @instance
     */
    OsdMap.prototype.daemons = $util.emptyArray;

    /**
     * Encodes the specified OsdMap message. Does not implicitly {@link OsdMap.verify|verify} messages.
     * @function encode
     * @memberof OsdMap
     * @static
     * @param {OsdMap.$Properties} message OsdMap message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    OsdMap.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch !== 0)
            writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.epoch);
        if (message.daemons != null && message.daemons.length)
            for (let i = 0; i < message.daemons.length; ++i)
                $root.OsdMap.Daemon.encode(message.daemons[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes an OsdMap message from the specified reader or buffer.
     * @function decode
     * @memberof OsdMap
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {OsdMap & OsdMap.$Shape} OsdMap
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    OsdMap.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.OsdMap();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.epoch = value;
                    else
                        delete message.epoch;
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    if (!(message.daemons && message.daemons.length))
                        message.daemons = [];
                    message.daemons.push($root.OsdMap.Daemon.decode(reader, reader.size(), $undefined, _depth + 1));
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    OsdMap.Daemon = (function() {

        /**
         * Properties of a Daemon.
         * @typedef {Object} OsdMap.Daemon.$Properties
         * @property {string|null} [name] Daemon name
         * @property {string|null} [address] Daemon address
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Daemon.
         * @memberof OsdMap
         * @interface IDaemon
         * @augments OsdMap.Daemon.$Properties
         * @deprecated Use OsdMap.Daemon.$Properties instead.
         */

        /**
         * Shape of a Daemon.
         * @typedef {OsdMap.Daemon.$Properties} OsdMap.Daemon.$Shape
         */

        /**
         * Constructs a new Daemon.
         * @memberof OsdMap
         * @classdesc Represents a Daemon.
         * @constructor
         * @param {OsdMap.Daemon.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Daemon = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Daemon name.
         * @member {string} name
         * @memberof OsdMap.Daemon
         * @instance
         */
        Daemon.prototype.name = "";

        /**
         * Daemon address.
         * @member {string} address
         * @memberof OsdMap.Daemon
         * @instance
         */
        Daemon.prototype.address = "";

        /**
         * Encodes the specified Daemon message. Does not implicitly {@link OsdMap.Daemon.verify|verify} messages.
         * @function encode
         * @memberof OsdMap.Daemon
         * @static
         * @param {OsdMap.Daemon.$Properties} message Daemon message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Daemon.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.name);
            if (message.address != null && $Object.hasOwnProperty.call(message, "address") && message.address !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.address);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Daemon message from the specified reader or buffer.
         * @function decode
         * @memberof OsdMap.Daemon
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {OsdMap.Daemon & OsdMap.Daemon.$Shape} Daemon
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Daemon.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.OsdMap.Daemon();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.name = value;
                        else
                            delete message.name;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.address = value;
                        else
                            delete message.address;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Daemon;
    })();

    return OsdMap;
})();

export const Report = $root.Report = (() => {

    /**
     * Properties of a Report.
     * @typedef {Object} Report.$Properties
     * @property {number|null} [number] Report number
     * @property {Counters.$Properties|null} [counters] Report counters
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Report.
     * @exports IReport
     * @interface IReport
     * @augments Report.$Properties
     * @deprecated Use Report.$Properties instead.
     */

    /**
     * Shape of a Report.
     * @typedef {Report.$Properties} Report.$Shape
     */

    /**
     * Constructs a new Report.
     * @exports Report
     * @classdesc Represents a Report.
     * @constructor
     * @param {Report.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Report = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Report number.
     * @member {number} number
     * @memberof Report
     * @instance
     */
    Report.prototype.number = 0;

    /**
     * Report counters.
     * @member {Counters.$Properties|null|undefined} counters
     * @memberof Report
     * @instance
     */
    Report.prototype.counters = null;

    /**
     * Encodes the specified Report message. Does not implicitly {@link Report.verify|verify} messages.
     * @function encode
     * @memberof Report
     * @static
     * @param {Report.$Properties} message Report message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Report.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.number != null && $Object.hasOwnProperty.call(message, "number") && message.number !== 0)
            writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.number);
        if (message.counters != null && $Object.hasOwnProperty.call(message, "counters"))
            $root.Counters.encode(message.counters, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Report message from the specified reader or buffer.
     * @function decode
     * @memberof Report
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Report & Report.$Shape} Report
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Report.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.Report();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.number = value;
                    else
                        delete message.number;
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    message.counters = $root.Counters.decode(reader, reader.size(), $undefined, _depth + 1, message.counters);
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    return Report;
})();

export const Counters = $root.Counters = (() => {

    /**
     * Properties of a Counters.
     * @typedef {Object} Counters.$Properties
     * @property {number|null} [linksCut] Counters linksCut
     * @property {number|null} [sessions] Counters sessions
     * @property {number|null} [resumes] Counters resumes
     * @property {number|null} [replays] Counters replays
     * @property {number|null} [duplicates] Counters duplicates
     * @property {number|null} [handedBack] Counters handedBack
     * @property {number|null} [sentAgain] Counters sentAgain
     * @property {number|null} [disorders] Counters disorders
     * @property {number|null} [errors] Counters errors
     * @property {number|null} [peakRssMib] Counters peakRssMib
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Counters.
     * @exports ICounters
     * @interface ICounters
     * @augments Counters.$Properties
     * @deprecated Use Counters.$Properties instead.
     */

    /**
     * Shape of a Counters.
     * @typedef {Counters.$Properties} Counters.$Shape
     */

    /**
     * Constructs a new Counters.
     * @exports Counters
     * @classdesc Represents a Counters.
     * @constructor
     * @param {Counters.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Counters = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Counters linksCut.
     * @member {number} linksCut
     * @memberof Counters
     * @instance
     */
    Counters.prototype.linksCut = 0;

    /**
     * Counters sessions.
     * @member {number} sessions
     * @memberof Counters
     * @instance
     */
    Counters.prototype.sessions = 0;

    /**
     * Counters resumes.
     * @member {number} resumes
     * @memberof Counters
     * @instance
     */
    Counters.prototype.resumes = 0;

    /**
     * Counters replays.
     * @member {number} replays
     * @memberof Counters
     * @instance
     */
    Counters.prototype.replays = 0;

    /**
     * Counters duplicates.
     * @member {number} duplicates
     * @memberof Counters
     * @instance
     */
    Counters.prototype.duplicates = 0;

    /**
     * Counters handedBack.
     * @member {number} handedBack
     * @memberof Counters
     * @instance
     */
    Counters.prototype.handedBack = 0;

    /**
     * Counters sentAgain.
     * @member {number} sentAgain
     * @memberof Counters
     * @instance
     */
    Counters.prototype.sentAgain = 0;

    /**
     * Counters disorders.
     * @member {number} disorders
     * @memberof Counters
     * @instance
     */
    Counters.prototype.disorders = 0;

    /**
     * Counters errors.
     * @member {number} errors
     * @memberof Counters
     * @instance
     */
    Counters.prototype.errors = 0;

    /**
     * Counters peakRssMib.
     * @member {number} peakRssMib
     * @memberof Counters
     * @instance
     */
    Counters.prototype.peakRssMib = 0;

    /**
     * Encodes the specified Counters message. Does not implicitly {@link Counters.verify|verify} messages.
     * @function encode
     * @memberof Counters
     * @static
     * @param {Counters.$Properties} message Counters message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Counters.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.linksCut != null && $Object.hasOwnProperty.call(message, "linksCut") && message.linksCut !== 0)
            writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.linksCut);
        if (message.sessions != null && $Object.hasOwnProperty.call(message, "sessions") && message.sessions !== 0)
            writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.sessions);
        if (message.resumes != null && $Object.hasOwnProperty.call(message, "resumes") && message.resumes !== 0)
            writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.resumes);
        if (message.replays != null && $Object.hasOwnProperty.call(message, "replays") && message.replays !== 0)
            writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.replays);
        if (message.duplicates != null && $Object.hasOwnProperty.call(message, "duplicates") && message.duplicates !== 0)
            writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.duplicates);
        if (message.handedBack != null && $Object.hasOwnProperty.call(message, "handedBack") && message.handedBack !== 0)
            writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.handedBack);
        if (message.sentAgain != null && $Object.hasOwnProperty.call(message, "sentAgain") && message.sentAgain !== 0)
            writer.uint32(/* id 7, wireType 0 =*/56).uint32(message.sentAgain);
        if (message.disorders != null && $Object.hasOwnProperty.call(message, "disorders") && message.disorders !== 0)
            writer.uint32(/* id 8, wireType 0 =*/64).uint32(message.disorders);
        if (message.errors != null && $Object.hasOwnProperty.call(message, "errors") && message.errors !== 0)
            writer.uint32(/* id 9, wireType 0 =*/72).uint32(message.errors);
        if (message.peakRssMib != null && $Object.hasOwnProperty.call(message, "peakRssMib") && message.peakRssMib !== 0)
            writer.uint32(/* id 10, wireType 0 =*/80).uint32(message.peakRssMib);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Counters message from the specified reader or buffer.
     * @function decode
     * @memberof Counters
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Counters & Counters.$Shape} Counters
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Counters.decode = function (reader, length, _end, _depth, _target) {
        if (!(reader instanceof $Reader))
            reader = $Reader.create(reader);
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $Reader.recursionLimit)
            throw $Error("max depth exceeded");
        let end, message, value;
        if (length === $undefined)
            end = reader.len;
        else {
            end = reader.pos + length;
            if (end > reader.len)
                throw $RangeError("index out of range");
            length = reader.len;
            reader.len = end;
        }
        message = _target || new $root.Counters();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            let wireType = tag & 7;
            switch (tag >>>= 3) {
            case 1: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.linksCut = value;
                    else
                        delete message.linksCut;
                    continue;
                }
            case 2: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.sessions = value;
                    else
                        delete message.sessions;
                    continue;
                }
            case 3: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.resumes = value;
                    else
                        delete message.resumes;
                    continue;
                }
            case 4: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.replays = value;
                    else
                        delete message.replays;
                    continue;
                }
            case 5: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.duplicates = value;
                    else
                        delete message.duplicates;
                    continue;
                }
            case 6: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.handedBack = value;
                    else
                        delete message.handedBack;
                    continue;
                }
            case 7: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.sentAgain = value;
                    else
                        delete message.sentAgain;
                    continue;
                }
            case 8: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.disorders = value;
                    else
                        delete message.disorders;
                    continue;
                }
            case 9: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.errors = value;
                    else
                        delete message.errors;
                    continue;
                }
            case 10: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.peakRssMib = value;
                    else
                        delete message.peakRssMib;
                    continue;
                }
            }
            reader.skipType(wireType, _depth, tag);
            if (!reader.discardUnknown) {
                $util.makeProp(message, "$unknowns", false);
                (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
            }
        }
        if (length !== $undefined) {
            if (reader.pos !== end)
                throw $RangeError("index out of range");
            reader.len = length;
        }
        if (_end !== $undefined)
            throw $Error("missing end group");
        return message;
    };

    return Counters;
})();

export {
  $root as default
};
