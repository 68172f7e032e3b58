// Instantiates a module of the edge, once for all that use it. A failed load is not remembered.

import { AuthError, describe } from "../auth-error.js";
import { refineLoadFailure } from "../load-failure.js";

/** @param initSync of the generated code */
export function loader(initSync) {
  let exports;

  function take(module) {
    // A module of another realm, as Next's edge runtime hands over, is none to `instanceof`, which the generated code asks.
    if (!(module instanceof WebAssembly.Module)) Object.setPrototypeOf(module, WebAssembly.Module.prototype);
    return (exports = initSync({ module }));
  }

  return {
    /**
     * @param source gives a compiled module or bytes, which are instantiated at once, or what `compile` takes
     * @param [compile] not in runtimes that refuse to compile: there must be no mention of it, or Next refuses to build
     */
    instantiate(source, compile) {
      if (exports !== undefined) return exports;
      let given;
      try {
        given = source();
        if (isModule(given)) return take(given);
        if (given.byteLength !== undefined) return take(new WebAssembly.Module(given));
        if (compile === undefined) throw new TypeError("This runtime takes a compiled WebAssembly.Module only.");
      } catch (cause) {
        throw failed(new AuthError("wasm_load_failed", {}, cause));
      }
      return compile(() => given).then(take, (error) => {
        throw failed(error);
      });
    },

    /** Whether the module is there. */
    isLoaded: () => exports !== undefined,
  };
}

function failed(error) {
  refineLoadFailure(error);
  return describe(error);
}

const isModule = (given) => Object.prototype.toString.call(given) === "[object WebAssembly.Module]";
