.PHONY: run test lint
run test lint:
	./earnest $(subst run,up,$@)
