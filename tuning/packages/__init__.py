"""An adapter handed to production: merged weights, GGUF, Ollama, vLLM."""
